import { readGuardedPaths } from './edge-settings.js';
import { EnvironmentSource } from './env.js';
import { SettingReader } from './setting-reader.js';

function read(paths: string | null, root: string | null = null) {
  const reader = new SettingReader(new EnvironmentSource(paths === null ? {} : { GUARDED_PATHS: paths }, '/nowhere'));
  const guarded = readGuardedPaths(reader, root);
  return { guarded, faulty: reader.faults.map(({ setting }) => setting), told: JSON.stringify(reader.faults) };
}

describe('the guarded paths', () => {
  it.each<[string | null, string | null, string[]]>([
    [null, null, []],
    ['', null, []],
    [null, 'http://localhost/shares/', ['/shares/']],
    [null, 'https://host:8443/a/b', ['/a/b/']],
    [null, 'https://host', ['/']],
    ['/orthanc/', 'http://localhost/shares/', ['/orthanc/']],
    ['/', null, ['/']],
    [' /orthanc/ , /shares/ ,', null, ['/orthanc/', '/shares/']],
    ['/orthanc/,/orthanc/', null, ['/orthanc/']],
  ])('are, of %j with the public root %j, %j', (paths, root, guarded) => {
    expect(read(paths, root)).toMatchObject({ guarded, faulty: [] });
  });

  it('are told the longest first: of two that fit, the nearest is meant', () => {
    expect(read('/, /orthanc/, /orthanc/inner/, /b/').guarded).toEqual(['/orthanc/inner/', '/orthanc/', '/b/', '/']);
  });

  it.each([
    'orthanc',
    '/orthanc',
    'orthanc/',
    '//',
    '/a//b/',
    '/a b/',
    '/a%20b/',
    '/a;b/',
    '/a*/',
    '/a?b/',
    '/é/',
    'http://localhost/orthanc/',
    '/ok/, bad',
    '\\orthanc\\',
    // Nobody ever asks for these: browsers and proxies resolve them, and the guard refuses what they leave.
    '/../',
    '/./',
    '/a/../b/',
    '/a/./',
  ])('are none of %j', (paths) => {
    const { faulty, told } = read(paths);
    expect(faulty).toEqual(['GUARDED_PATHS']);
    if (!paths.startsWith('/')) expect(told).not.toContain(`"${paths}"`);
  });
});
