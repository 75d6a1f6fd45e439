// Credentials that are not good for what is asked, or several at once.
export function credentials({ a, b, c, tokens }) {
  const [A, C] = [`/studies/${a.study}`, `/studies/${c.study}`];
  const own = `Authorization: Bearer ${tokens.a}`;
  const alone = (title, token, path = A) => ({ title, path, credential: `Authorization: Bearer ${token}` });
  return [
    { title: 'two arguments token', path: `${C}?token=${tokens.a}&token=${tokens.c}`, credential: null },
    { title: 'two arguments token, one encoded', path: `${C}?token=${tokens.a}&%74oken=${tokens.c}`, credential: null },
    { title: 'one token twice as an argument', path: `${A}?token=${tokens.a}&token=${tokens.a}`, credential: null },
    { title: 'a token in an argument and another in a header', path: `${C}?token=${tokens.c}`, credential: own },
    { title: 'a token in two headers with different rights', path: C, headers: [`token: ${tokens.c}`] },
    { title: 'a token and an API key with different rights', path: C, headers: [`api-key: ${tokens.c}`] },
    { title: 'two headers Authorization', path: C, headers: [`Authorization: Bearer ${tokens.c}`] },
    {
      title: 'two headers Authorization, the other first',
      path: A,
      credential: `Authorization: Bearer ${tokens.c}`,
      headers: [own],
    },
    { title: 'two headers token', path: C, credential: `token: ${tokens.a}`, headers: [`token: ${tokens.c}`] },
    { title: 'a token in a cookie with more rights', path: C, headers: [`Cookie: warden-token=${tokens.c}`] },
    {
      title: 'the share in a cookie, of another study',
      path: `/studies/${b.study}`,
      credential: `Cookie: warden-token=${tokens.a}`,
    },
    { title: 'an argument Token', path: `${C}?Token=${tokens.c}` },
    { title: 'an API key that is a link', path: `/studies/${b.study}`, credential: `api-key: ${tokens.a}` },
    // nginx goes on with the guard's address, which has no token any more.
    {
      title: 'its own token as an argument',
      path: `${A}?x=%2B&token=${tokens.a}&expand`,
      credential: null,
      may: 'reach',
    },
    { title: 'no credential', path: A, credential: null },
    { title: 'an empty token', path: `${A}?token=`, credential: null },
    {
      title: 'HTTP Basic',
      path: A,
      credential: basicOf('orthanc', 'orthanc'),
    },
    ...Object.entries(tokens.machines).map(([name, password]) => ({
      title: `HTTP Basic of ${name}, who may not view`,
      path: A,
      credential: basicOf(name, password),
    })),
    {
      title: "an administrator's HTTP Basic from a page of another origin",
      method: 'POST',
      path: `${A}/modify`,
      credential: basicOf('admin', tokens.admin),
      headers: ['Origin: https://elsewhere.example', 'Sec-Fetch-Site: cross-site'],
      body: '{}',
    },
    {
      title: "an administrator's HTTP Basic beside a link",
      path: A,
      credential: basicOf('admin', tokens.admin),
      headers: [`token: ${tokens.a}`],
    },
    alone('Bearer Bearer', `Bearer ${tokens.a}`, `/studies/${b.study}`),
    alone('an expired token', tokens.expired),
    alone('a revoked token', tokens.revoked),
    alone('a gated token', tokens.gated),
    alone('an internal token', tokens.internal),
    { title: 'an internal token as the header token', path: A, credential: `token: ${tokens.internal}` },
    { title: 'an internal token as an argument', path: `${A}?token=${tokens.internal}`, credential: null },
    {
      title: 'an internal token to modify',
      method: 'POST',
      path: `${A}/modify`,
      credential: `token: ${tokens.internal}`,
      body: '{}',
    },
    alone('a token with another signature', altered(tokens.a, { signature: true })),
    alone('a token with other resources', altered(tokens.a, { from: a, to: b }), `/studies/${b.study}`),
    alone(
      'a token without an algorithm',
      altered(tokens.a, { from: a, to: b, algorithm: 'none' }),
      `/studies/${b.study}`,
    ),
    alone('a token that ends later', altered(tokens.expired, { later: true })),
    alone('a token cut short', tokens.a.slice(0, -8)),
    alone("a viewer's token in another browser", tokens.viewer),
    {
      title: "a viewer's token with a session made up",
      path: A,
      credential: `Authorization: Bearer ${tokens.viewer}`,
      headers: [`Cookie: warden-session=${'A'.repeat(43)}`],
    },
  ];
}

const basicOf = (name, password) => `Authorization: Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

/** A token of three parts with something else in it. */
function altered(token, { from, to, algorithm, later, signature }) {
  const parts = token.split('.');
  const edit = (part, change) => Buffer.from(change(Buffer.from(part, 'base64url').toString())).toString('base64url');
  if (from !== undefined)
    parts[1] = edit(parts[1], (text) => text.replaceAll(from.uid, to.uid).replaceAll(from.study, to.study));
  if (later) parts[1] = edit(parts[1], (text) => text.replace(/20\d\d-/, '2099-'));
  if (algorithm !== undefined) {
    parts[0] = edit(parts[0], (text) => text.replace(/HS256/, algorithm));
    parts[2] = '';
  }
  if (signature) parts[2] = `${parts[2].startsWith('A') ? 'B' : 'A'}${parts[2].slice(1)}`;
  return parts.join('.');
}

/** A person who is no administrator asks for what ends or owns the archive; `apiKey` may do no more than view. */
export function administration({ apiKey }) {
  return [
    ['POST', '/tools/reset'],
    ['POST', '/tools/reset/'],
    ['POST', '/tools/shutdown'],
    ['POST', '/tools/execute-script'],
    ['GET', '/tools/execute-script'],
    ['POST', '/tools/%72eset'],
    ['POST', '/tools/%2572eset'],
    ['POST', '/tools//reset'],
    ['POST', '/tools/x/../reset'],
    ['POST', '/tools/x/%2e%2e/reset'],
    ['POST', '/tools%2freset'],
    ['POST', '//tools/reset'],
    ['POST', '/tools/reset;a=b'],
    ['POST', '/tools/res%et'],
    ['GET', '/tools/reset?_method=POST'],
    ['GET', '/system?_method=DELETE'],
  ].map(([method, path]) => ({
    title: `${method} ${path} by a person who may view`,
    method,
    path,
    credential: `api-key: ${apiKey}`,
    body: method === 'POST' ? 'print(1)' : '',
  }));
}
