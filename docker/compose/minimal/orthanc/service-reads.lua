-- What the service may ask of this Orthanc: it looks things up, and changes nothing. Orthanc calls the function before it answers a
-- request by HTTP, after it has checked the password; its answer false is a refusal.
--
-- `method` is what would be done: a deletion that is dressed up as a GET arrives here as DELETE.
local searches = { ['/tools/find'] = true, ['/tools/lookup'] = true }

function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  if username ~= 'warden' then
    return true
  end
  return method == 'GET' or (method == 'POST' and searches[uri] == true)
end
