// The proxies in front of Orthanc, as docker/nginx and docker/proxies have them, before doubles that keep what they were asked:
// what the guard judged is what is forwarded, and nothing passes when it does not answer.
import { nginxGuards } from './proxies/nginx-guards.mjs';
import { nginxCarries } from './proxies/nginx-carries.mjs';
import { nginxRefuses } from './proxies/nginx-refuses.mjs';
import { nginxTls } from './proxies/nginx-tls.mjs';
import { otherProxies } from './proxies/other-proxies.mjs';

export async function proxies({ check }) {
  await nginxGuards({ check });
  await nginxRefuses({ check });
  await nginxCarries({ check });
  await nginxTls({ check });
  await otherProxies({ check });
}
