// What this product writes of FHIR, before the official validator.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { validateFhir } from './fhir-validator.mjs';
import { oneOfEach } from './one-of-each.mjs';

const source = {
  id: 'warden',
  site: 'Example Hospital',
  host: 'share.example.org',
  version: '0.1.0',
  root: 'https://share.example.org/',
};
const base = 'https://share.example.org/fhir';

export async function fhirResources({ check, dist }) {
  const room = (path) => import(pathToFileURL(join(dist, 'libs/events/src', path)).href);
  const { eventNames } = await room('events.js');
  const { toFhirAuditEvent } = await room('fhir/fhir-audit-event.js');
  const { fhirBundle } = await room('fhir/fhir-bundle.js');
  const { fhirCapabilityStatement } = await room('fhir/fhir-capability.js');
  const { operationOutcome } = await room('fhir/operation-outcome.js');
  const resources = oneOfEach.map((event) => toFhirAuditEvent(event, source));
  const opened = resources.find(({ subtype }) => subtype.some(({ code }) => code === 'share.opened'));

  const self = `${base}/AuditEvent?date=ge2026-11-01`;
  const good = [
    ...resources,
    fhirBundle(resources, { base, self, next: `${self}&cursor=abc` }),
    fhirBundle([], { base, self, next: null }),
    fhirCapabilityStatement(source, Date.parse('2026-11-21T00:00:00Z'), base),
    operationOutcome('invalid', 'date: this is no date of FHIR', 'http.date'),
    operationOutcome('exception', ''),
  ];
  // JSON has no undefined: the member is missing.
  const timeless = { ...opened, recorded: undefined };
  const [sender, receiver] = opened.agent;
  const broken = [
    timeless,
    { ...opened, outcome: '5' },
    { ...opened, more: 1 },
    { ...opened, outcomeDesc: '' },
    { ...opened, entity: [] },
    { ...opened, entity: [{ ...opened.entity[0], name: 'a', query: 'YQ==' }, ...opened.entity.slice(1)] },
    // From here on it is the profile that is broken.
    { ...opened, subtype: opened.subtype.filter(({ code }) => code !== 'disclose') },
    { ...opened, agent: [{ ...sender, who: { display: 'another' } }, receiver] },
    { ...opened, agent: [sender, { ...receiver, network: undefined }] },
    { ...opened, entity: opened.entity.filter(({ type }) => type.code !== '1') },
  ];
  // Once for all of it: most of the time goes into reading the definitions of R4.
  const { errors } = await validateFhir([...good, ...broken]);
  const numberOf = (error) => Number(error.split(' ')[0]);

  await check('an AuditEvent of every event, a page of them and all that is said beside them is valid R4', () => {
    assert.deepEqual(
      oneOfEach.map(({ name }) => name),
      eventNames,
    );
    assert.equal(opened.meta.profile.length, 1);
    assert.deepEqual(
      errors.filter((error) => numberOf(error) < good.length),
      [],
    );
  });

  await check('the validator refuses what breaks a rule of R4, or of the profile that is claimed', () => {
    const refused = new Set(errors.map(numberOf).filter((number) => number >= good.length));
    assert.deepEqual(
      [...refused].map((number) => number - good.length),
      [...broken.keys()],
    );
  });
}
