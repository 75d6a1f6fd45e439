// The floor of the landing page: a Fastify route that answers the same bytes, ready made, and writes as long a log line; at
// /asked/… after it has asked the service what the page asks. Arguments: the service's address and credentials.
import { Agent, request as httpRequest } from 'node:http';
import fastify from 'fastify';
import { destination } from 'pino';

const [serviceUrl, credentials] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const log = destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250 });
const pages = new Map();
const server = fastify({ routerOptions: { maxParamLength: 65_536 } });
server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
server.put('/page/*', (request, reply) => {
  pages.set(`/${request.params['*']}`, request.body);
  return reply.send('');
});
server.get('/*', async (request, reply) => {
  const asked = request.url.startsWith('/asked/');
  if (asked) JSON.parse(await ask(request.url.slice(request.url.lastIndexOf('/') + 1)));
  log.write(`${`{"time":"${new Date().toISOString()}","rest":"`.padEnd(200, '.')}"}\n`);
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .send(pages.get(asked ? request.url.slice('/asked'.length) : request.url));
});

function ask(link) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(JSON.stringify({ link }));
    const headers = {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
      'content-length': bytes.length,
    };
    const asked = httpRequest(`${serviceUrl}/api/v1/links/inspect`, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    asked.on('error', reject);
    asked.end(bytes);
  });
}

process.on('disconnect', () => process.exit(0));
await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: server.server.address().port });
