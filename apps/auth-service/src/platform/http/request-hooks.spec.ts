import fastify, { type FastifyInstance } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { type Access, type Caller, CallerResolver } from './caller.js';
import { guardRoutes } from './request-hooks.js';

const almighty: Caller = {
  id: 'basic:admin',
  name: 'admin',
  via: 'basic',
  scopes: ['plugin', 'decode', 'exchange'],
  permissions: ['all'],
  labels: ['*'],
  roles: [],
};

class OneCaller extends CallerResolver {
  asked = 0;
  constructor(private readonly caller: Caller | null) {
    super();
  }
  atOnce(): Caller | null {
    this.asked++;
    return null;
  }
  resolve(): Promise<Caller | null> {
    return Promise.resolve(this.caller);
  }
}

let server: FastifyInstance;
afterEach(() => server.close());

async function ask(caller: Caller | null, access: Access | undefined, headers: Record<string, string> = {}) {
  const callers = new OneCaller(caller);
  server = fastify();
  guardRoutes(server, callers);
  server.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof DomainError)) throw error;
    return reply
      .status(403)
      .headers(error.options.headers ?? {})
      .send(error.code);
  });
  server.post('/here', { config: access === undefined ? {} : { access } }, () => 'in');
  const answer = await server.inject({ method: 'POST', url: '/here', headers });
  return { text: answer.body, connection: answer.headers.connection, asked: callers.asked };
}

it('refuses a route without a rule, to whoever may do everything and to nobody', async () => {
  expect((await ask(almighty, undefined)).text).toBe('not-allowed');
  await server.close();
  expect((await ask(null, undefined)).text).toBe('not-allowed');
});

it('refuses whom no scope and no permission lets in', async () => {
  const access = { scopes: ['plugin'], permissions: ['share'] } as const;
  expect((await ask({ ...almighty, scopes: [], permissions: ['view'] }, access)).text).toBe('not-allowed');
});

it('takes an empty rule for: nobody', async () => {
  const access = { scopes: [], permissions: [] };
  expect((await ask({ ...almighty, permissions: ['share'] }, access)).text).toBe('not-allowed');
});

it('does not let in whoever was not recognised where anyone who was may come in', async () => {
  const access = { scopes: [], permissions: [], anyone: true };
  expect((await ask({ ...almighty, permissions: [], via: 'nothing' }, access)).text).toBe('not-allowed');
  await server.close();
  expect((await ask({ ...almighty, permissions: [] }, access)).text).toBe('in');
});

it('looks at no credentials for a page of another origin, on a public route neither', async () => {
  const headers = { origin: 'https://evil.example' };
  expect(await ask(almighty, { scopes: [], permissions: ['share'] }, headers)).toMatchObject({
    text: 'cross-site',
    asked: 0,
  });
  await server.close();
  expect((await ask(null, { public: 'nothing to lose' }, headers)).text).toBe('cross-site');
});

it('ends the connection of a refused body that is longer than any, or of no known length; keeps it otherwise', async () => {
  const access = { scopes: [], permissions: ['share'] };
  for (const [headers, connection] of [
    [{ 'content-length': '10000000000' }, 'close'],
    [{ 'transfer-encoding': 'chunked' }, 'close'],
    [{}, 'keep-alive'],
  ] as const) {
    expect((await ask(null, access, headers)).connection).toBe(connection);
    await server.close();
  }
});
