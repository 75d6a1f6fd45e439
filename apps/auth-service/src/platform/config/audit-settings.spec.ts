import { generateKeyPairSync } from 'node:crypto';
import { readCheckpoints } from './audit-settings.js';
import { EnvironmentSource } from './env.js';
import { SettingReader } from './setting-reader.js';

const pemOf = (pair: { privateKey: { export(how: object): unknown } }): string =>
  String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
const ed25519 = pemOf(generateKeyPairSync('ed25519'));
const other = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

function read(environment: Record<string, string>) {
  const reader = new SettingReader(new EnvironmentSource(environment, '/nowhere'));
  const checkpoints = readCheckpoints(reader);
  return { checkpoints, faulty: reader.faults.map(({ setting }) => setting), told: JSON.stringify(reader.faults) };
}

describe('the settings of checkpoints', () => {
  it('ask for one every five minutes, with a derived key and without a file, where they do not say otherwise', () => {
    expect(read({})).toMatchObject({
      faulty: [],
      checkpoints: { signingKey: null, everyMs: 300_000, file: null, origin: 'orthanc-warden' },
    });
  });

  it('may all be given', () => {
    const { checkpoints, faulty } = read({
      AUDIT_SIGNING_KEY: ed25519,
      AUDIT_CHECKPOINT_INTERVAL: '10',
      AUDIT_CHECKPOINT_FILE: '/var/lib/warden/checkpoints',
      AUDIT_ORIGIN: 'warden.hospital.example',
      SERVER_ID: 'pacs',
    });
    expect(faulty).toEqual([]);
    expect(checkpoints).toMatchObject({
      everyMs: 10_000,
      file: '/var/lib/warden/checkpoints',
      origin: 'warden.hospital.example',
    });
    expect(checkpoints.signingKey?.reveal()).toBe(ed25519);
    expect(JSON.stringify(checkpoints)).not.toContain('PRIVATE KEY');
  });

  it('call the record by the name of the server, by its older name too', () => {
    expect(read({ SERVER_ID: 'pacs', SERVER_IDENTIFIER: 'old' }).checkpoints.origin).toBe('pacs');
    expect(read({ SERVER_IDENTIFIER: 'old' }).checkpoints.origin).toBe('old');
  });

  it.each([
    ['a key of another kind', { AUDIT_SIGNING_KEY: other }, 'AUDIT_SIGNING_KEY'],
    ['no key', { AUDIT_SIGNING_KEY: 'MARKED5f1e' }, 'AUDIT_SIGNING_KEY'],
    ['too short an interval', { AUDIT_CHECKPOINT_INTERVAL: '9' }, 'AUDIT_CHECKPOINT_INTERVAL'],
    ['too long an interval', { AUDIT_CHECKPOINT_INTERVAL: '86401' }, 'AUDIT_CHECKPOINT_INTERVAL'],
    ['a name of two lines', { AUDIT_ORIGIN: 'a\nb' }, 'AUDIT_ORIGIN'],
    ['too long a name', { AUDIT_ORIGIN: 'a'.repeat(129) }, 'AUDIT_ORIGIN'],
  ])('refuse %s, without repeating it', (_what, environment, setting) => {
    const { faulty, told } = read(environment);
    expect(faulty).toEqual([setting]);
    expect(told).not.toContain('MARKED5f1e');
  });
});
