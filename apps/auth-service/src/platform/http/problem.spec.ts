import { errorTable } from '../../error-table.js';
import { DomainError, databaseUnavailable, invalidInput } from '../errors/domain-error.js';
import { problemMediaType, renderProblem } from './problem.js';

const render = (error: unknown) => {
  const problem = renderProblem(error, errorTable, 'req-1');
  return { ...problem, document: JSON.parse(problem.body) as Record<string, unknown> };
};

it('is of the media type of RFC 9457', () => {
  expect(problemMediaType).toMatch(/^application\/problem\+json(;|$)/);
});

it('carries the members of RFC 9457, the code, and the request', () => {
  const { document, code } = render(new DomainError('share-not-found', 'No share.'));
  expect(code).toBe('share-not-found');
  expect(document).toEqual({
    type: 'urn:orthanc-warden:error:share-not-found',
    title: 'There is no such share',
    status: 404,
    code: 'share-not-found',
    detail: 'No share.',
    instance: 'urn:orthanc-warden:request:req-1',
  });
});

it('carries every fault of a field', () => {
  const faults = [
    { field: 'resources[0].level', problem: 'is missing', remedy: 'send one' },
    { field: 'id', problem: 'is too long', remedy: 'shorten it' },
  ];
  const { document } = render(invalidInput(faults));
  expect(document['errors']).toEqual(faults);
  expect(document['detail']).toBe('resources[0].level is missing; send one. id is too long; shorten it');
});

it.each<[string, unknown]>([
  ['an error of a library', new Error('password=hunter2 at /srv/app.js')],
  ['an error with a status of its own', Object.assign(new Error('hunter2'), { statusCode: 418 })],
  ['a text', 'hunter2'],
  ['nothing', undefined],
  ['null', null],
  [
    'an internal error whose detail says too much',
    new DomainError('internal', 'hunter2', { cause: new Error('hunter2') }),
  ],
])('tells of %s no more than the request id', (_name, error) => {
  const { body, document, headers } = render(error);
  expect(document).toMatchObject({ status: 500, code: 'internal', detail: 'Look for this request id in the log.' });
  expect(body).not.toMatch(/hunter2|password|\/srv/);
  expect(headers).toEqual({});
});

it('tells nothing of the cause of an outage, and when to try again', () => {
  const { body, headers, document } = render(databaseUnavailable(new Error('connect ECONNREFUSED 10.0.0.5:5432')));
  expect(document['status']).toBe(503);
  expect(headers['retry-after']).toMatch(/^\d+$/);
  expect(body).not.toMatch(/10\.0\.0\.5|ECONNREFUSED/);
});

it('asks for Basic with each 401, and only then (RFC 9110 section 11.6.1)', () => {
  for (const [code, { status }] of Object.entries(errorTable)) {
    const challenge = render(new DomainError(code, 'x')).headers['www-authenticate'];
    expect([code, challenge]).toEqual([
      code,
      status === 401 ? 'Basic realm="orthanc-warden", charset="UTF-8"' : undefined,
    ]);
  }
});

it('keeps the headers of an error apart from the next one', () => {
  const error = new DomainError('not-signed-in', 'x', { headers: { 'retry-after': '1' } });
  render(error);
  expect(error.options.headers).toEqual({ 'retry-after': '1' });
});

it('answers a code that is in no table as an error of ours, and names no code that the table lacks', () => {
  const { document } = render(new DomainError('made-up', 'x'));
  expect(document['status']).toBe(500);
  expect(Object.keys(errorTable)).toContain(document['code']);
});

it('has a title for each code, a status of an error, and one code for one meaning', () => {
  const titles = Object.values(errorTable).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  for (const [code, { status, title, level }] of Object.entries(errorTable)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(status >= 400 && status < 600).toBe(true);
    // What a caller did wrong wakes nobody up.
    if (status < 500) expect([code, level]).not.toEqual([code, 'error']);
  }
});
