import { startNginx } from '../support/nginx.mjs';
import { startStub } from '../support/stub-upstreams.mjs';
import { startBackstage } from './judged-is-forwarded.mjs';

/** nginx with every guarded route, before doubles. `more` variables. */
export async function startGuarded(more = {}) {
  const { guard, service, orthanc, seen } = await startBackstage();
  const landing = await startStub((request, response) => response.end(`landing ${request.url}`));
  const nginx = await startNginx({
    variables: {
      ENABLE_ORTHANC_FOR_API: 'true',
      ENABLE_ORTHANC_FOR_SHARES: 'true',
      ENABLE_ORTHANC_TOKEN_SERVICE: 'true',
      ENABLE_LANDING: 'true',
      AUTH_SERVICE_UPSTREAM: service.address,
      ORTHANC_UPSTREAM: orthanc.address,
      ORTHANC_FOR_API_UPSTREAM: orthanc.address,
      ORTHANC_FOR_SHARES_UPSTREAM: orthanc.address,
      LANDING_UPSTREAM: landing.address,
      ...more,
    },
  });
  return { guard, service, orthanc, landing, seen, nginx };
}
