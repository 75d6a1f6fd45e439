// Lua for Orthanc: who may ask for what by HTTP, and which images are taken from whom.
import { file } from './orthanc-files.js';
import type { OrthancPlan, OrthancUser, StoreRule } from './orthanc-plan.js';
import { variableName } from './secrets.js';

/** Undefined where the plugin judges everything. */
export function accessFilter(plan: OrthancPlan): string | undefined {
  if (plan.access === 'plugin') return plan.getOnly ? getOnlyFilter() : undefined;
  const named = (role: OrthancUser['role']) => plan.users.filter((user) => user.role === role).map(({ name }) => name);
  return `-- Who may ask this Orthanc for what. Orthanc calls the function at the end before it answers a request by HTTP;
-- its answer false is a refusal. Passwords were checked before: see RegisteredUsers.
--
-- \`method\` is what would be done. A client can write another one into the argument _method or into a header;
-- Orthanc applies that first, so a deletion that is dressed up as a GET arrives here as DELETE.

-- Of a variable that it is not given, Orthanc would make an empty password. An error here keeps it from starting.
for _, name in ipairs({ ${plan.users.map(({ name }) => luaString(variableName('USER', name))).join(', ')} }) do
  if (os.getenv(name) or '') == '' then
    error(name .. ' has no value: give Orthanc the variables of ${file.variables}')
  end
end

${luaSet('administrators', named('admin'))}
-- They look at everything and change nothing.
${luaSet('readers', named('reader'))}
-- They store images and learn nothing: other Orthancs, devices, scripts.
${luaSet('senders', named('sender'))}
-- Where images are stored: Orthanc's own way, and STOW-RS.
${luaSet('stores', ['/instances', '/dicom-web/studies'])}

-- Searches that change nothing, although they are sent by POST.
${luaSet('searches', plan.getOnly ? [] : searches)}

${plan.adminAnywhere ? '' : localRule(plan)}
function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  ${refuseOverride}

  if administrators[username] then
    return ${plan.adminAnywhere ? 'true' : 'is_local(ip, httpHeaders)'}
  end

  if readers[username] then
    return method == 'GET' or (method == 'POST' and searches[uri] == true)
  end

  if senders[username] then
    return (method == 'POST' and stores[uri] == true) or (method == 'GET' and uri == '/system')
  end

  return false
end
`;
}

const searches = ['/tools/count-resources', '/tools/find', '/tools/lookup'];

const refuseOverride = `-- No honest client of this Orthanc says one method and means another.
  if httpHeaders['x-http-method-override'] ~= nil then
    return false
  end`;

const getOnlyFilter =
  () => `-- This Orthanc is looked at and not changed by HTTP, whoever asks. The authorization plugin judges what is let through here.
--
-- \`method\` is what would be done: Orthanc has applied the argument _method by now.

-- Searches that change nothing, although they are sent by POST: Orthanc Explorer 2 lists studies with them.
${luaSet('searches', searches)}

function IncomingHttpRequestFilter(method, uri, ip, username, httpHeaders)
  ${refuseOverride}

  return method == 'GET' or (method == 'POST' and searches[uri] == true)
end
`;

/**
 * Behind a proxy on the same machine every address is this machine's, so the address tells nothing: there Orthanc answers
 * this machine alone, and what came through the proxy shows by its headers.
 */
function localRule({ proxyHere }: OrthancPlan): string {
  const forwarded = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'via'];
  const warning = proxyHere
    ? `-- The proxy on this machine MUST set X-Forwarded-For on everything that it forwards: by their addresses alone, all
-- requests would be local. The nginx files of \`warden harden nginx\` do. RemoteAccessAllowed keeps other machines out.
`
    : '-- What a proxy forwards is not local, wherever the proxy is.\n';
  return `-- Administrators work on Orthanc's own machine.
${warning}local forwarding_headers = { ${forwarded.map((header) => luaString(header)).join(', ')} }

local function is_local(ip, headers)
  for _, name in ipairs(forwarding_headers) do
    if headers[name] ~= nil then
      return false
    end
  end
  return ${proxyHere ? 'true' : "ip == '127.0.0.1' or ip == '::1'"}
end
`;
}

/** Undefined where everything may be stored. */
export function storeFilter({ dicom, acceptUpload }: OrthancPlan): string | undefined {
  if (dicom?.accept === undefined && acceptUpload === undefined) return undefined;
  const rules = [...(dicom?.accept ?? [])].map(([aet, rule]) => `  [${luaString(aet)}] = ${luaRule(rule)},\n`).join('');
  const byDicom = dicom?.accept === undefined ? 'everything' : `by_aet[origin['RemoteAet']]`;
  const byHttp = acceptUpload === undefined ? 'everything' : luaRule(acceptUpload);
  return `-- Which images are taken from whom. An image that no rule takes is thrown away.

local everything = 'everything'

-- By the AET that an image comes from: its modalities, and its SOP classes. An AET that is not here may store nothing.
local by_aet = {
${rules}}

-- What comes by HTTP: uploads, other Orthancs, DICOMweb.
local by_http = ${byHttp}

local function is_taken(dicom, origin)
  local rule
  if origin['RequestOrigin'] == 'DicomProtocol' then
    rule = ${byDicom}
  else
    rule = by_http
  end
  if rule == everything then
    return true
  end
  if rule == nil then
    return false
  end
  return rule.modalities[dicom['Modality'] or ''] == true or rule.classes[dicom['SOPClassUID'] or ''] == true
end

-- By DICOM the sender is told "success" all the same: Orthanc's other function, ReceivedCStoreInstanceFilter, is meant to
-- tell it, but Orthanc 1.12.7 takes its answers the wrong way round. So that nobody misses images, the log says what was
-- thrown away.
local function plain(text)
  return (string.gsub(text or '', '[^%w ._-]', '?'))
end

function ReceivedInstanceFilter(dicom, origin, info)
  if is_taken(dicom, origin) then
    return true
  end
  print('Thrown away by store.lua: an image of modality ' .. plain(dicom['Modality']) .. ', SOP class ' ..
    plain(dicom['SOPClassUID']) .. ', from ' .. plain(origin['RemoteAet'] or origin['RequestOrigin']))
  return false
end
`;
}

function luaRule({ modalities, sopClasses }: StoreRule): string {
  return `{ modalities = ${luaTable(modalities)}, classes = ${luaTable(sopClasses)} }`;
}

const luaSet = (name: string, members: readonly string[]) => `local ${name} = ${luaTable(members)}`;

function luaTable(members: readonly string[]): string {
  return members.length === 0 ? '{}' : `{ ${members.map((member) => `[${luaString(member)}] = true`).join(', ')} }`;
}

/** Whatever could end the text or the line is written as its number. */
export function luaString(text: string): string {
  const inner = [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9 ._/-]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
    })
    .join('');
  return `'${inner}'`;
}
