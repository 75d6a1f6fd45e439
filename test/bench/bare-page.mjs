// The floor of the landing page: a Fastify route that answers the same bytes, ready made, and writes as long a log line.
import fastify from 'fastify';
import { destination } from 'pino';

const log = destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250 });
const pages = new Map();
const server = fastify({ routerOptions: { maxParamLength: 65_536 } });
server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
server.put('/page/*', (request, reply) => {
  pages.set(`/${request.params['*']}`, request.body);
  return reply.send('');
});
server.get('/*', (request, reply) => {
  log.write(`${`{"time":"${new Date().toISOString()}","rest":"`.padEnd(200, '.')}"}\n`);
  return reply.header('content-type', 'text/html; charset=utf-8').send(pages.get(request.url));
});
process.on('disconnect', () => process.exit(0));
await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: server.server.address().port });
