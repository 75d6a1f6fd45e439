// `npm run playground`: a whole small hospital on this machine, until Ctrl-C. See docs/playground.md.
import { join } from 'node:path';
import { startHospital } from '../test/system/support/hospital-stack.mjs';
import { endStrays } from '../test/system/support/stage.mjs';

const root = join(import.meta.dirname, '..');
const type = 'ohif-viewer-publication';

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    console.log('\nEnding all of it …');
    void endStrays().finally(() => process.exit(0));
  });

try {
  console.log('Starting Orthanc, PostgreSQL, the service, the landing page and nginx; the first time takes minutes …');
  const hospital = await startHospital({ dist: join(root, 'dist') });
  const links = await makeLinks(hospital);
  const key = await makeKey(hospital);
  if (!ending) tell(hospital, links, key);
} catch (error) {
  if (!ending) {
    console.error(error.message);
    await endStrays();
    process.exit(1);
  }
}

async function makeLinks({ asDoctor, studies }) {
  const resources = [{ level: 'study', dicomUid: studies.a.uid }];
  const share = async (more) => {
    const body = { type, resources, viewers: [type], validityDuration: 24 * 3600, ...more };
    const { status, json, text } = await asDoctor('POST', '/api/v1/shares', body);
    if (status !== 201) throw new Error(`A share was refused: ${status} ${text}`);
    return json;
  };
  const open = await share({});
  const pin = await share({ gate: { kind: 'pin' }, noArchive: true, link: 'opaque', reason: 'second opinion' });
  const birthDate = await share({ gate: { kind: 'birth-date' }, download: true, link: 'opaque', maxOpens: 3 });
  const revoked = await share({ gate: { kind: 'pin' }, link: 'opaque' });
  await asDoctor('POST', `/api/v1/shares/${revoked.share.id}/revoke`, { reason: 'sent to the wrong address' });
  return { open, pin, birthDate, revoked };
}

/** With which a program reaches Orthanc through nginx. */
async function makeKey({ asAdmin }) {
  const owner = { kind: 'service', name: 'playground' };
  const body = { name: 'Playground', owner, permissions: ['all'], labels: ['*'] };
  const { status, json, text } = await asAdmin('POST', '/api/v1/api-keys', body);
  if (status !== 201) throw new Error(`An API key was refused: ${status} ${text}`);
  return json.key;
}

function tell({ origin, words, studies, certificates }, { open, pin, birthDate, revoked }, key) {
  console.log(`
The hospital is open. Its certificate comes from an authority of its own: your browser warns once.
(The authority: ${certificates.authority})

What a recipient gets; each shows the CT of VIEWER^VERA in OHIF:
  the link is the key             ${open.url}
  PIN ${pin.pin}, no download      ${pin.url}
  date of birth 2 April 1961      ${birthDate.url}
  revoked                         ${revoked.url}

The administrator (name admin, password ${words.admin}):
  Orthanc, through the guard      ${origin}/orthanc/app/explorer.html
  who shared what                 ${origin}/auth-service/api/v1/shares
  the record, newest first        ${origin}/auth-service/api/v1/audit/events
  all of the interface            ${origin}/auth-service/docs

Try to reach what was not shared; what is refused stands in the record a minute later:
  curl -k '${origin}/orthanc/studies/${studies.b.study}?token=${open.token}'
Orthanc as a program with a key sees it:
  curl -k -H 'api-key: ${key}' '${origin}/orthanc/studies?expand'

Ctrl-C ends all of it and keeps nothing.`);
}
