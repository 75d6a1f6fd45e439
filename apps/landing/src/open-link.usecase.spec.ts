import { AuthService, type DecodedLink, type DecodeResult } from './auth-service.js';
import { longestToken, OpenLink, safeRedirect } from './open-link.usecase.js';

class ScriptedAuthService extends AuthService {
  readonly asked: string[] = [];
  constructor(private readonly result: DecodeResult) {
    super();
  }
  override decode(token: string): Promise<DecodeResult> {
    this.asked.push(token);
    return Promise.resolve(this.result);
  }
  override isAlive(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

const viewer = 'https://images.example/viewer?StudyInstanceUIDs=1.2&token=t';
const answering = (link: Partial<DecodedLink>) =>
  new ScriptedAuthService({ ok: true, link: { errorCode: null, redirectUrl: null, reason: undefined, ...link } });

describe('OpenLink', () => {
  it.each<[Partial<DecodedLink>, string]>([
    [{ redirectUrl: viewer }, 'open opened'],
    [{}, 'not-for-here nothing-to-open'],
    [{ redirectUrl: '/viewer' }, 'unavailable unsafe-redirect'],
    [{ redirectUrl: 'javascript:alert(1)' }, 'unavailable unsafe-redirect'],
    [{ errorCode: 'expired' }, 'refused expired'],
    [{ errorCode: 'invalid' }, 'refused invalid'],
    [{ errorCode: 'unknown' }, 'unavailable unknown'],
    [{ errorCode: 'invalid', reason: 'revoked' }, 'refused revoked'],
    [{ errorCode: 'expired', reason: 'expired' }, 'refused expired'],
    [{ errorCode: 'invalid', reason: 'invalid' }, 'refused invalid'],
    [{ errorCode: 'invalid', reason: 'gated' }, 'not-for-here gated'],
    [{ errorCode: 'invalid', reason: 'stale' }, 'unavailable stale'],
    [{ errorCode: 'unknown', reason: 'unknown' }, 'unavailable unknown'],
    [{ errorCode: 'invalid', reason: 'a word of next year' }, 'refused invalid'],
    [{ errorCode: 'invalid', redirectUrl: viewer }, 'refused invalid'],
    [{ errorCode: 'invalid', reason: 'revoked', redirectUrl: viewer }, 'refused revoked'],
  ])('turns %j into %s', async (link, expected) => {
    const opening = await new OpenLink(answering(link)).execute(['t']);
    expect(`${opening.kind} ${'cause' in opening ? opening.cause : opening.code}`).toBe(expected);
  });

  it.each(['timeout', 'unreachable', 'refused', 'failed', 'too-large', 'malformed'] as const)(
    'says unavailable when the service gives no answer: %s',
    async (fault) => {
      const opening = await new OpenLink(new ScriptedAuthService({ ok: false, fault })).execute(['t']);
      expect(opening).toEqual({ kind: 'unavailable', code: 'unavailable', cause: fault });
    },
  );

  it.each([
    [[], 'no-token'],
    [[''], 'no-token'],
    [['  '], 'no-token'],
    [['t', 't'], 'several-tokens'],
    [['t'.repeat(longestToken + 1)], 'token-too-long'],
  ])('refuses %.30j without asking the service: %s', async (tokens, code) => {
    const service = answering({ redirectUrl: viewer });
    expect(await new OpenLink(service).execute(tokens)).toEqual({ kind: 'no-link', code });
    expect(service.asked).toEqual([]);
  });

  it('passes the longest token on, without the blanks around it', async () => {
    const service = answering({ redirectUrl: viewer });
    const token = 't'.repeat(longestToken);
    await new OpenLink(service).execute([` ${token}\n`]);
    expect(service.asked).toEqual([token]);
  });
});

describe('safeRedirect', () => {
  it.each([
    viewer,
    'http://localhost:8042/volview/index.html?names=[archive.zip]&urls=../studies/a-b/archive,../studies/c-d/archive&token=a.b.c',
    'HTTPS://images.example/?a=%20b',
  ])('keeps %s to the letter', (url) => {
    expect(safeRedirect(url)).toBe(url);
  });

  it('percent-encodes what a header can not hold', () => {
    expect(safeRedirect('https://images.example/é?q=ü[1]')).toBe('https://images.example/%C3%A9?q=%C3%BC[1]');
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://images.example/',
    '//images.example/',
    '/viewer',
    'viewer?token=t',
    '',
    ' https://images.example/',
    'https://images.example/\r\nSet-Cookie: a=b',
    'https://images.example/\u2028',
    'https://images.example/a b',
    'https:///images.example/',
    'https:\\\\images.example/',
    'http:images.example',
    'http://',
    'http://[::1',
  ])('refuses %j', (url) => {
    expect(safeRedirect(url)).toBeUndefined();
  });
});
