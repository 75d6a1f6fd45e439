import { type NamedThing, RouteTable } from './route-table.js';
import { type OrthancRoute, readRoutes } from './routes.js';

const orthancIds = ['1', '2', '3'].map((digit) => Array(5).fill(digit.repeat(8)).join('-'));
const [studyId = '', seriesId = '', instanceId = ''] = orthancIds;
const values: Readonly<Record<string, string>> = {
  '{study}': studyId,
  '{series}': seriesId,
  '{instance}': instanceId,
  '{StudyInstanceUID}': '1.2.3',
  '{SeriesInstanceUID}': '1.2.3.4',
  '{SOPInstanceUID}': '1.2.3.4.5',
  '{name}': '1,2',
  '**': 'deep/er.js',
};
const things: Readonly<Record<string, NamedThing>> = {
  '{study}': { level: 'study', by: 'orthancId', id: studyId },
  '{series}': { level: 'series', by: 'orthancId', id: seriesId },
  '{instance}': { level: 'instance', by: 'orthancId', id: instanceId },
  '{StudyInstanceUID}': { level: 'study', by: 'dicomUid', id: '1.2.3' },
  '{SeriesInstanceUID}': { level: 'series', by: 'dicomUid', id: '1.2.3.4' },
  '{SOPInstanceUID}': { level: 'instance', by: 'dicomUid', id: '1.2.3.4.5' },
};
const table = new RouteTable(readRoutes);
const steps = (path: string): string[] => path.split('/').slice(1);
const filled = (path: string): string =>
  `/${steps(path)
    .map((step) => values[step] ?? step)
    .join('/')}`;

describe('the route of a path', () => {
  it.each(readRoutes.map((route): [string, OrthancRoute] => [route.path, route]))(
    'is %s, with what it names',
    (path, route) => {
      const named = steps(path).flatMap((step) => things[step] ?? []);
      expect(table.match(filled(path))).toEqual({ route, things: named });
      expect(table.match(filled(path))?.route).toBe(route);
    },
  );

  it.each(readRoutes.filter(({ path }) => !path.endsWith('/**') && path !== '/').map(({ path }) => path))(
    'is not %s with a step or a slash more',
    (path) => {
      expect(['/', '//', '/%2e', '/no such'].map((more) => table.match(`${filled(path)}${more}`))).toEqual(
        Array(4).fill(null),
      );
    },
  );

  it.each(readRoutes.filter(({ path }) => /\{(?!name)/.test(path)).map(({ path }) => path))(
    'is not %s with an id that is none, in any place',
    (path) => {
      const none = ['', '*', '1*', '1?', '%31', 'x/y', '1 2', '1;2', '1,2', '{study}', `${studyId}\n`, '1'.repeat(129)];
      for (const [at, step] of steps(path).entries()) {
        if (things[step] === undefined) continue;
        const others = steps(path).map((one) => values[one] ?? one);
        for (const id of none)
          expect([id, table.match(`/${others.map((one, index) => (index === at ? id : one)).join('/')}`)]).toEqual([
            id,
            null,
          ]);
      }
    },
  );

  it.each([
    studyId.toUpperCase().replaceAll('1', 'A'),
    studyId.slice(1),
    `${studyId}0`,
    studyId.replaceAll('-', ''),
    'abc',
  ])('takes no Orthanc id that Orthanc would not write: %s', (id) => {
    expect([`/studies/${id}`, `/series/${id}`, `/instances/${id}/file`].map((path) => table.match(path))).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('of a viewer is the same with and without what follows', () => {
    for (const path of ['/ohif', '/ohif/', '/ohif/viewer', '/ohif/assets/a.b.js'])
      expect([path, table.match(path)?.route.path]).toEqual([path, '/ohif/**']);
  });
});

describe('a table', () => {
  it.each<[string, string[]]>([
    ['a path twice', ['/a/{study}', '/a/{study}']],
    ['a variable that is not known', ['/a/{patient}']],
    ['a star within', ['/a/*.js']],
    ['two variables in one place', ['/a/{study}', '/a/{series}']],
    ['a variable named as what every object has', ['/a/{constructor}']],
  ])('is not made of %s', (_, paths) => {
    expect(() => new RouteTable(paths.map((path) => ({ path, gives: 'tags' })))).toThrow(/^\/a\//);
  });
});
