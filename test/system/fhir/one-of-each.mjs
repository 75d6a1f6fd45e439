// An event of every name, as a hospital would see them.
const at = Date.parse('2026-11-21T10:20:30.123Z');
const until = at + 59_000;
const share = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
  identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
  type: 'stone-viewer-publication',
  studies: ['1.2.276.0.7230010.3.1.2.1', '0195f6b0-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd'],
  patients: ['PID123^^^HOSP'],
};
const doctor = { kind: 'user', id: 'keycloak:7f1d', name: 'Dr. Ada Müller' };
const recipient = { kind: 'recipient', id: share.identity, name: '' };
const system = { kind: 'system', id: 'system:warden', name: '' };
const desk = { address: '192.0.2.17', userAgent: 'Mozilla/5.0 (X11; Linux)', requestId: '4f0c-1a' };
const home = { address: '2001:db8::7', userAgent: 'Mozilla/5.0 (iPhone)', requestId: '4f0c-1b' };
const nowhere = { address: null, userAgent: null, requestId: null };
const keyId = '019a8cca-1371-7000-b9bc-1de2d5b62428';
const ruleId = '019a8cca-1371-7000-b9bc-1de2d5b62429';
const access = { count: 12, until, level: 'study', method: 'get', study: share.studies[0], serverId: 'orthanc-1' };
const versioned = { version: 4, before: 3, difference: ['- doctor: view', '+ doctor: view, share'], why: 'new rule' };
const reading = { format: 'fhir', filter: 'patient=PID123' };

const byDoctor = { actor: doctor, source: desk, share: null };
const byRecipient = { actor: recipient, source: home, share };
const byItself = { actor: system, source: nowhere, share: null };
const told = {
  'share.created': {
    ...byDoctor,
    share,
    detail: {
      way: 'api',
      expiresAt: at + 86_400_000,
      notBefore: null,
      gate: 'pin',
      maxOpens: 3,
      recipient: 'r@example.org',
      purposeOfUse: 'TREAT',
      why: 'second opinion',
      replaces: null,
    },
  },
  'share.sent': { ...byDoctor, share, detail: { what: 'link', to: 'r@example.org' } },
  'share.opened': { ...byRecipient, detail: { viewer: 'stone', session: 's-1', counted: true, opens: 1 } },
  'share.refused': { ...byRecipient, outcome: 'minor-failure', reason: 'wrong-pin', detail: {} },
  'share.locked': {
    ...byRecipient,
    outcome: 'serious-failure',
    reason: 'too-many-attempts',
    detail: { attempts: 5 },
  },
  'share.changed': { ...byDoctor, share, detail: { changes: [{ member: 'maxOpens', from: '3', to: null }] } },
  'share.revoked': { ...byDoctor, share, detail: { why: 'sent to the wrong address', ruleId: null } },
  'share.expired': { ...byItself, share, detail: {} },
  'revocation-rule.added': {
    ...byDoctor,
    detail: {
      ruleId,
      study: share.studies[0],
      patient: 'PID123',
      label: 'research',
      keyId: null,
      mintedBefore: at,
      why: '',
    },
  },
  'access.disclosed': { ...byRecipient, detail: access },
  'access.granted': { ...byRecipient, detail: { ...access, serverId: null, study: null } },
  'access.denied': { ...byRecipient, outcome: 'serious-failure', reason: 'expired', detail: access },
  'profile.resolved': { ...byDoctor, detail: { count: 1, until: at, via: 'bearer', roles: ['doctor'] } },
  'api-key.used': { ...byDoctor, detail: { count: 7, until, keyId } },
  'api-key.created': {
    ...byDoctor,
    detail: { keyId, owner: 'RIS', permissions: ['view'], labels: [], expiresAt: null },
  },
  'api-key.rotated': { ...byDoctor, detail: { keyId } },
  'api-key.revoked': { ...byDoctor, detail: { keyId, why: 'no longer used' } },
  'roles.changed': { ...byDoctor, detail: versioned },
  'share-policy.changed': { ...byDoctor, detail: { ...versioned, before: null } },
  'settings.loaded': { ...byItself, detail: { given: ['PORT', 'DATABASE_URL'], weaknesses: [] } },
  'service.started': { ...byItself, detail: { version: '0.1.0', node: '20.19.0' } },
  'service.stopped': { ...byItself, detail: {} },
  'audit.read': { ...byDoctor, detail: reading },
  'audit.exported': { ...byDoctor, detail: { ...reading, format: 'proof' } },
  'audit.checkpoint': { ...byItself, detail: { size: 5_000_000, keyId: 'k-1' } },
  'audit.lost': { ...byItself, outcome: 'serious-failure', detail: { lane: 'access', count: 40_000, until } },
  'audit.erased': { ...byDoctor, detail: { count: 12, why: 'asked by the patient' } },
  'audit.expired': { ...byItself, detail: { class: 'access', month: '2020-11', count: 1_000 } },
};

export const oneOfEach = Object.entries(told).map(([name, event], index) => ({
  id: `019a8cca-1371-7000-b9bc-${String(index).padStart(12, '0')}`,
  name,
  at,
  outcome: 'success',
  reason: null,
  ...event,
}));
