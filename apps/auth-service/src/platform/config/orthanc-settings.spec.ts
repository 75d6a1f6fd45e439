import { EnvironmentSource } from './env.js';
import { readOrthanc } from './orthanc-settings.js';
import { SettingReader } from './setting-reader.js';

function read(environment: Record<string, string>) {
  const reader = new SettingReader(new EnvironmentSource(environment, '/nowhere'));
  const orthanc = readOrthanc(reader);
  return { orthanc, faulty: reader.faults.map(({ setting }) => setting), told: JSON.stringify(reader.faults) };
}
const both = { ORTHANC_USERNAME: 'warden', ORTHANC_PASSWORD: 'MARKED5f1e' };

describe('the settings of Orthanc', () => {
  it('are absent, an address, or an address and credentials', () => {
    expect(read({})).toMatchObject({ orthanc: null, faulty: [] });
    expect(read({ ORTHANC_URL: 'http://orthanc:8042' }).orthanc).toEqual({
      url: 'http://orthanc:8042/',
      credentials: null,
    });
    const { orthanc, faulty } = read({ ORTHANC_URL: 'https://host/orthanc/', ...both });
    expect([faulty, orthanc?.url, orthanc?.credentials?.username]).toEqual([[], 'https://host/orthanc/', 'warden']);
    expect(orthanc?.credentials?.password.reveal()).toBe('MARKED5f1e');
  });

  it.each([
    [{ ORTHANC_URL: 'ftp://orthanc' }, 'ORTHANC_URL'],
    [{ ORTHANC_URL: 'orthanc:8042' }, 'ORTHANC_URL'],
    [{ ORTHANC_URL: 'http://warden:MARKED5f1e@orthanc/' }, 'ORTHANC_URL'],
    [{ ORTHANC_URL: 'http://orthanc/?token=MARKED5f1e' }, 'ORTHANC_URL'],
    [{ ORTHANC_URL: 'http://orthanc', ORTHANC_USERNAME: 'warden' }, 'ORTHANC_PASSWORD'],
    [{ ORTHANC_URL: 'http://orthanc', ORTHANC_PASSWORD: 'MARKED5f1e' }, 'ORTHANC_USERNAME'],
    [{ ORTHANC_URL: 'http://orthanc', ...both, ORTHANC_USERNAME: 'MARKED5f1e:x' }, 'ORTHANC_USERNAME'],
    [both, 'ORTHANC_URL'],
  ])('are refused when they do not fit together: %j', (environment, setting) => {
    const { faulty, told } = read(environment);
    expect(faulty).toEqual([setting]);
    expect(told).not.toContain('MARKED5f1e');
  });
});
