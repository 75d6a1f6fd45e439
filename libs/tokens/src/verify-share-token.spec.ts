import { createHash, createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { encodeBase64Url } from './base64url.js';
import { Keyring } from './keyring.js';
import { buildSharePayload } from './share-payload.js';
import { MAX_TOKEN_LENGTH, stripBearer, verifyShareToken } from './verify-share-token.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const NOW = Date.UTC(2030, 0, 1);
const JTI = 'AAECAwQFBgcICQoLDA0ODw';
const ring = Keyring.create({ signing: KEY, previous: [] });

const payload = {
  id: 'demo-1',
  resources: [{ dicom_uid: '1.2.3', orthanc_id: null, url: null, level: 'study' }],
  type: 'ohif-viewer-publication',
  expiration_date: '2099-01-01T00:00:00+00:00',
  validity_duration: null,
};
const HEADER = '{"alg":"HS256","typ":"JWT"}';

type Part = string | Uint8Array | object;

const bytesOf = (part: Part) => (typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part));

/** Signs whatever it is given, sense or not. */
function sign(body: Part, header: Part = HEADER, key: string = KEY, hash = 'sha256'): string {
  const signed = `${encodeBase64Url(bytesOf(header))}.${encodeBase64Url(bytesOf(body))}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

const verify = (text: string, nowMs = NOW, keyring = ring) => verifyShareToken(text, keyring, nowMs);

function verdict(text: string, nowMs = NOW, keyring = ring): string {
  const result = verify(text, nowMs, keyring);
  return result.ok ? 'ok' : result.reason;
}

function accepted(text: string, nowMs = NOW, keyring = ring) {
  const result = verify(text, nowMs, keyring);
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.token;
}

describe('published tokens', () => {
  const HEAD = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9';
  const GENERATION_1 =
    'eyJpZCI6InRvdG8iLCJkaWNvbV91aWQiOiIxLjIiLCJvcnRoYW5jX2lkIjoiMDE5NWYxM2UtNGFmZTY4MjItOGI0OTRjYzQtNTE2MmM1MGQtMGRhZjY2YWEi';
  const vectors = [
    {
      key: 'toto',
      generation: 1,
      anonymized: false,
      expires: '2022-07-07T11:00:00Z',
      token: `${HEAD}.${GENERATION_1}LCJ0eXBlIjoib3NpbWlzLXZpZXdlci1wdWJsaWNhdGlvbiIsImV4cGlyYXRpb25fZGF0ZSI6IjIwMjItMDctMDdUMTE6MDA6MDArMDA6MDAifQ.8mzvYXCrjhM8OWPhu5HQJbEtCO9y6XyFqV-Ak1n-9Tw`,
    },
    {
      key: 'toto',
      generation: 1,
      anonymized: true,
      expires: '2022-12-31T11:00:00Z',
      token: `${HEAD}.${GENERATION_1}LCJhbm9ueW1pemVkIjp0cnVlLCJ0eXBlIjoib3NpbWlzLXZpZXdlci1wdWJsaWNhdGlvbiIsImV4cGlyYXRpb25fZGF0ZSI6IjIwMjItMTItMzFUMTE6MDA6MDArMDA6MDAifQ.vQPmlhoVQHUlbXg-JGenBIGQbNU0DhWXJPMdCMzBTFg`,
    },
    {
      key: 'my-secret-key',
      generation: 3,
      anonymized: false,
      expires: '2026-12-31T11:00:00Z',
      token: `${HEAD}.eyJpZCI6InRvdG8iLCJyZXNvdXJjZXMiOlt7ImRpY29tX3VpZCI6IjEuMiIsIm9ydGhhbmNfaWQiOm51bGwsInVybCI6bnVsbCwibGV2ZWwiOiJzdHVkeSJ9XSwidHlwZSI6InN0b25lLXZpZXdlci1wdWJsaWNhdGlvbiIsImV4cGlyYXRpb25fZGF0ZSI6IjIwMjYtMTItMzFUMTE6MDA6MDArMDA6MDAifQ.RlB9x56eQSaJNt3t4hDxAHdM7BhBbah5CWWBBZQf7x0`,
    },
    {
      key: 'change-me-I-am-a-secret-key',
      generation: 3,
      anonymized: false,
      expires: null,
      token:
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6ImRlbW8tMSIsInJlc291cmNlcyI6W3siZGljb21fdWlkIjoiMS4yLjI3Ni4wLjM3LjEuMzIyLjIwMTUwMi4xMTAzMzkyNyIsIm9ydGhhbmNfaWQiOm51bGwsInVybCI6bnVsbCwibGV2ZWwiOiJzdHVkeSJ9XSwidHlwZSI6Im1lZGRyZWFtLXZpZXdlci1wdWJsaWNhdGlvbiIsImV4cGlyYXRpb25fZGF0ZSI6bnVsbCwidmFsaWRpdHlfZHVyYXRpb24iOm51bGx9.a2189RYDjlPueJ8QkquJylVJCOXDRyCltGcalnkyJQM',
    },
  ];

  it.each(vectors)('verify with their key ($key, generation $generation)', (vector) => {
    const keyring = Keyring.create({ signing: vector.key, previous: [] });
    const expiresAt = vector.expires === null ? null : Date.parse(vector.expires);
    const token = accepted(vector.token, Date.UTC(2022, 0, 1), keyring);
    expect(token).toMatchObject({ generation: vector.generation, anonymized: vector.anonymized, expiresAt });
    expect(token.resources).toHaveLength(1);
    if (expiresAt === null) expect(verdict(vector.token, 8e15, keyring)).toBe('ok');
    else expect(verdict(vector.token, expiresAt, keyring)).toBe('expired');
  });

  it.each(vectors)('are refused with another key ($key, generation $generation)', ({ token }) => {
    expect(verdict(token)).toBe('bad-signature');
  });
});

describe('verifyShareToken and jsonwebtoken', () => {
  const key = createSecretKey(Buffer.from(KEY));
  const share = buildSharePayload({
    label: null,
    resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }],
    type: 'viewer-instant-link',
    expirationDate: null,
    validityDuration: null,
    jti: JTI,
    issuedAt: NOW,
  });

  it('agree on what it signs', () => {
    const token = accepted(jwt.sign({ ...share }, key, { algorithm: 'HS256', keyid: ring.signing.kid }));
    expect(token).toMatchObject({ identity: JTI, jti: JTI, ours: true, kid: ring.signing.kid, issuedAt: NOW });
  });

  it('agree on what is signed here', () => {
    expect(jwt.verify(sign(share), key, { algorithms: ['HS256'] })).toEqual(share);
  });

  it('agree on any label and any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (label, secret) => {
        const keyring = Keyring.create({ signing: secret, previous: [] });
        const text = jwt.sign({ ...share, id: label }, keyring.signing.key, { algorithm: 'HS256' });
        expect(accepted(text, NOW, keyring).label).toBe(label);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the order of the refusals', () => {
  const old = 'an older key that has ended by now';
  const keyring = Keyring.create({ signing: KEY, previous: [{ key: old, until: NOW, registeredOnly: false }] });
  const none = '{"alg":"none","typ":"JWT"}';
  const expired = { ...payload, expiration_date: '2020-01-01T00:00:00Z' };

  it.each([
    ['form before algorithm', `${sign(expired, none, 'x')}!`, 'malformed'],
    ['algorithm before signature', sign(expired, none, 'x'), 'unsupported-algorithm'],
    ['signature before claims', sign(expired, HEADER, 'x'), 'bad-signature'],
    ['signature before the text of the payload', sign('no json', HEADER, 'x'), 'bad-signature'],
    ['key end date before claims', sign(expired, HEADER, old), 'key-retired'],
    ['key end date before the text of the payload', sign('no json', HEADER, old), 'key-retired'],
    ['readable claims before their times', sign({ ...expired, type: 5 }), 'not-a-share'],
    ['expiry, which is final, before not-before', sign({ ...expired, nbf: NOW / 1000 + 1 }), 'expired'],
    ['not-before', sign({ ...payload, nbf: NOW / 1000 + 1 }), 'not-yet-valid'],
    ['nothing', sign(payload), 'ok'],
  ])('%s', (_, text, reason) => {
    expect(verdict(text, NOW, keyring)).toBe(reason);
  });

  it('gives the token with expired and not-yet-valid only', () => {
    expect(verify(sign(expired))).toMatchObject({ reason: 'expired', token: { type: payload.type } });
    expect(verify(sign({ ...payload, nbf: NOW }))).toMatchObject({
      reason: 'not-yet-valid',
      token: { label: 'demo-1' },
    });
    expect(verify(sign(expired, HEADER, 'x'))).toEqual({ ok: false, reason: 'bad-signature' });
    expect(verify(sign(expired, HEADER, old), NOW, keyring)).toEqual({ ok: false, reason: 'key-retired' });
    expect(verify(sign('[]'))).toEqual({ ok: false, reason: 'not-a-share' });
  });
});

describe('form', () => {
  const good = sign(payload);
  const [head, body, mac] = good.split('.') as [string, string, string];

  it('is absent for the empty text only', () => {
    expect(verdict('')).toBe('absent');
    expect(verdict(' ')).toBe('malformed');
  });

  it('has a longest length', () => {
    expect(verdict('a'.repeat(1_000_000))).toBe('too-long');
    expect(verdict('.'.repeat(MAX_TOKEN_LENGTH))).toBe('malformed');
    expect(verdict('.'.repeat(MAX_TOKEN_LENGTH + 1))).toBe('too-long');
  });

  it('leaves room for 250 studies', () => {
    const resource = { dicom_uid: '1.'.repeat(32), orthanc_id: 'a'.repeat(44), url: null, level: 'study' };
    expect(verdict(sign({ ...payload, resources: Array.from({ length: 250 }, () => resource) }))).toBe('ok');
  });

  it('accepts one trailing =, and gives the token the same identity', () => {
    expect(accepted(`${good}=`).identity).toBe(accepted(good).identity);
  });

  // 43 characters hold two bits more than the 32 bytes of a MAC.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sibling = alphabet[alphabet.indexOf(mac.at(-1)!) + 1]!;

  it.each([
    ['two trailing =', `${good}==`],
    ['a = inside', `${head}=.${body}.${mac}`],
    ['one part', 'garbage'],
    ['two parts', `${head}.${body}`],
    ['four parts', `${good}.${mac}`],
    ['five parts, as an encrypted token has', `${head}.a.b.c.d`],
    ['an empty header', `.${body}.${mac}`],
    ['dots only', '..'],
    ['letters and dots', 'a.b.c'],
    ['non-zero unused bits of the MAC', good.slice(0, -1) + sibling],
    ['a MAC cut within a byte', good.slice(0, -2)],
    ['a blank in front', ` ${good}`],
    ['a blank behind', `${good} `],
    ['a line feed behind', `${good}\n`],
    ['a line feed inside', `${head}.\n${body}.${mac}`],
    ['NUL behind', `${good}\0`],
    ['NUL inside', `${head}.${body}\0.${mac}`],
    ['the alphabet of plain base64', `${head}.${body}.${mac.slice(0, -4)}+/+/`],
    ['a Bearer that was not stripped', `Bearer ${good}`],
    ['a header that is no JSON', sign(payload, 'HS256')],
    ['a header that is a list', sign(payload, '["HS256"]')],
    ['a header that is null', sign(payload, 'null')],
    ['a header with a byte order mark', sign(payload, `\uFEFF${HEADER}`)],
    ['a header of another type of token', sign(payload, '{"alg":"HS256","typ":"at+jwt"}')],
    ['a typ that is a number', sign(payload, '{"alg":"HS256","typ":1}')],
    ['a critical extension', sign(payload, '{"alg":"HS256","crit":["b64"],"b64":false}')],
    ['an empty list of critical extensions', sign(payload, '{"alg":"HS256","crit":[]}')],
    ['overlong UTF-8 in the header', sign(payload, Buffer.from('{"alg":"HS256","x":"\xc0\xaf"}', 'latin1'))],
    ['a header nested 10,000 deep', sign(payload, '['.repeat(10_000))],
  ])('refuses %s', (_, text) => {
    expect(verdict(text)).toBe('malformed');
  });

  it.each([['{"alg":"HS256"}'], ['{"typ":"jwt","alg":"HS256"}'], ['{ "alg" : "HS256" , "x" : {} }']])(
    'accepts the header %s',
    (header) => {
      expect(verdict(sign(payload, header))).toBe('ok');
    },
  );
});

describe('algorithm', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it.each([
    ['none, unsigned', `${encodeBase64Url('{"alg":"none","typ":"JWT"}')}.${encodeBase64Url(JSON.stringify(payload))}.`],
    ['none, with a good MAC', sign(payload, '{"alg":"none"}')],
    ['NONE', sign(payload, '{"alg":"NONE"}')],
    ['HS512', jwt.sign(payload, KEY, { algorithm: 'HS512' })],
    ['HS384', jwt.sign(payload, KEY, { algorithm: 'HS384' })],
    ['RS256', jwt.sign(payload, privateKey, { algorithm: 'RS256' })],
    ['hs256', sign(payload, '{"alg":"hs256"}')],
    ['HS256 with a blank', sign(payload, '{"alg":"HS256 "}')],
    ['a list', sign(payload, '{"alg":["HS256"]}')],
    ['nothing', sign(payload, '{"typ":"JWT"}')],
    ['two, of which the last counts', sign(payload, '{"alg":"HS256","alg":"none"}')],
    ['one inside __proto__', sign(payload, '{"__proto__":{"alg":"HS256"}}')],
  ])('refuses %s', (_, text) => {
    expect(verdict(text)).toBe('unsupported-algorithm');
  });

  it('is not HS256 because the header says so: another hash is a bad signature', () => {
    expect(verdict(sign(payload, HEADER, KEY, 'sha512'))).toBe('bad-signature');
  });
});

describe('signature', () => {
  const good = sign(payload);
  const [head, body, mac] = good.split('.') as [string, string, string];

  it.each([
    ['two characters replaced, as recorded', `${good.slice(0, -2)}AA`],
    ['no MAC', `${head}.${body}.`],
    ['a MAC cut to 16 bytes', `${head}.${body}.${Buffer.from(mac, 'base64url').subarray(0, 16).toString('base64url')}`],
    ['a MAC with bytes behind it', `${good}AAAA`],
    ['a changed payload', `${head}.${encodeBase64Url(JSON.stringify({ ...payload, id: 'x' }))}.${mac}`],
    ['a changed header', `${encodeBase64Url('{"typ":"JWT","alg":"HS256"}')}.${body}.${mac}`],
    ['an empty key', sign(payload, HEADER, '')],
  ])('refuses %s', (_, text) => {
    expect(verdict(text)).toBe('bad-signature');
  });

  it('is refused for any change of any bit', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 127 }), (at, bits) => {
        const changed = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ bits) + good.slice(at + 1);
        expect(verify(changed).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused for any cut, insertion or repetition', () => {
    const edits = fc.tuple(fc.nat(good.length), fc.nat(good.length), fc.string({ unit: 'binary', maxLength: 4 }));
    fc.assert(
      fc.property(edits, ([from, to, text]) => {
        const changed = good.slice(0, from) + text + good.slice(to);
        fc.pre(changed !== good && changed !== `${good}=`);
        expect(verify(changed).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused for any text that nobody signed', () => {
    const part = fc.oneof(fc.base64String(), fc.json().map(encodeBase64Url), fc.constant(head), fc.constant(body));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        expect(verify(candidate).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('keys', () => {
  const old = 'the key before the last rotation, still in use';
  const keyring = Keyring.create({ signing: KEY, previous: [{ key: old, until: NOW + 1000, registeredOnly: true }] });
  const oldKey = keyring.candidates(null)[1]!;
  const withKid = (kid: unknown) => ({ alg: 'HS256', kid });

  it('may be previous ones, until their end date, which is the first moment without them', () => {
    const text = sign(payload, HEADER, old);
    expect(accepted(text, NOW + 999, keyring)).toMatchObject({ kid: oldKey.kid, keyRegisteredOnly: true, ours: false });
    expect(verdict(text, NOW + 1000, keyring)).toBe('key-retired');
    expect(verdict(text, Number.NaN, keyring)).toBe('key-retired');
  });

  it.each([['abc'], [''], [17], [null], [['x']]])('ignore a kid that is not theirs: %j', (kid) => {
    expect(accepted(sign(payload, withKid(kid), old), NOW, keyring).kid).toBe(oldKey.kid);
  });

  it('are not tried when the kid names another one of ours', () => {
    expect(verdict(sign(payload, withKid(keyring.signing.kid), old), NOW, keyring)).toBe('bad-signature');
  });
});

describe('identity', () => {
  const kid = { alg: 'HS256', kid: ring.signing.kid };
  const digest = (text: string) => createHash('sha256').update(text.split('.', 2).join('.')).digest('base64url');

  it('is the jti of 16 bytes', () => {
    expect(accepted(sign({ ...payload, jti: JTI }))).toMatchObject({ identity: JTI, jti: JTI });
  });

  it.each([
    ['absent', undefined],
    ['a number', 17],
    ['15 bytes', encodeBase64Url(Buffer.alloc(15))],
    ['17 bytes', encodeBase64Url(Buffer.alloc(17))],
    ['of another spelling of 16 bytes', `${JTI.slice(0, -1)}x`],
    ['padded', `${JTI.slice(0, -2)}==`],
    ['a UUID', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ])('is the SHA-256 of header.payload when the jti is %s', (_, jti) => {
    const text = sign({ ...payload, jti }, kid);
    expect(accepted(text)).toMatchObject({ identity: digest(text), ours: false });
    expect(accepted(text).identity).toHaveLength(43);
  });

  it('is ours with our jti, signed by the signing key and naming it', () => {
    expect(accepted(sign({ ...payload, jti: JTI }, kid)).ours).toBe(true);
    expect(accepted(sign({ ...payload, jti: JTI })).ours).toBe(false);
    expect(accepted(sign({ ...payload, jti: JTI }, { alg: 'HS256', kid: 'abc' })).ours).toBe(false);
    const rotated = Keyring.create({ signing: 'new', previous: [{ key: KEY, until: null, registeredOnly: false }] });
    expect(accepted(sign({ ...payload, jti: JTI }, kid), NOW, rotated)).toMatchObject({ ours: false, identity: JTI });
  });
});

describe('claims', () => {
  it('expire exactly at the second, without leeway', () => {
    const text = sign({ ...payload, expiration_date: '2030-01-01T00:00:00+00:00' });
    expect(verdict(text, NOW - 1)).toBe('ok');
    expect(verdict(text, NOW)).toBe('expired');
    expect(verdict(text, Number.NaN)).toBe('expired');
  });

  it('expire at once with a validity duration of 0', () => {
    const text = sign({ ...payload, expiration_date: '2030-01-01T00:00:00.000000+00:00', validity_duration: 0 });
    expect(verdict(text, NOW)).toBe('expired');
  });

  it('honour the offset of an expiry', () => {
    const text = sign({ ...payload, expiration_date: '2030-01-01T02:00:00+02:00' });
    expect(verdict(text, NOW - 1)).toBe('ok');
    expect(verdict(text, NOW)).toBe('expired');
  });

  it('honour a registered exp', () => {
    expect(verdict(sign({ ...payload, exp: NOW / 1000 }), NOW)).toBe('expired');
    expect(verdict(sign({ ...payload, exp: NOW / 1000 }), NOW - 1)).toBe('ok');
  });

  it('begin exactly at nbf', () => {
    const text = sign({ ...payload, nbf: NOW / 1000 });
    expect(verdict(text, NOW - 1)).toBe('not-yet-valid');
    expect(verdict(text, NOW)).toBe('ok');
    expect(verdict(sign({ ...payload, expiration_date: null, nbf: 0 }), Number.NaN)).toBe('not-yet-valid');
  });

  it('are refused in 2030 with the recorded nbf of 2099', () => {
    expect(verdict(sign({ ...payload, nbf: 4070908800 }))).toBe('not-yet-valid');
  });

  it.each([
    ['no JSON', 'share'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['overlong UTF-8', Buffer.from('{"resources":[],"id":"\xc0\xaf"}', 'latin1')],
    ['a broken surrogate as UTF-8', Buffer.from('{"resources":[],"id":"\xed\xa0\x80"}', 'latin1')],
    ['a share inside __proto__', `{"__proto__":${JSON.stringify(payload)}}`],
    ['an expiry without an offset', { ...payload, expiration_date: '2099-01-01T00:00:00' }],
    ['an exp that overflows', '{"resources":[],"exp":1e999}'],
    ['a nesting 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000)],
  ])('are no share: %s', (_, body) => {
    expect(verdict(sign(body))).toBe('not-a-share');
  });

  it('ignore what they do not know, however deep', () => {
    const deep = `{"resources":[],"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(accepted(sign(deep)).resources).toEqual([]);
  });

  it('leave every other object alone when a member is called __proto__', () => {
    const text = sign('{"resources":[{"level":"study","__proto__":{"dicom_uid":"1.2.3"}}],"__proto__":{"type":"x"}}');
    expect(accepted(text)).toMatchObject({ type: null, resources: [{ dicomUid: null }] });
    expect(({} as Record<string, unknown>)['type']).toBeUndefined();
  });

  it('take the last of two members of one name, as the incumbent does', () => {
    expect(accepted(sign('{"resources":[],"type":"a","type":"b"}')).type).toBe('b');
  });

  it('may have no type', () => {
    expect(accepted(sign({ ...payload, type: undefined })).type).toBeNull();
  });
});

describe('remembered headers', () => {
  it('do not change the answer, beyond their number too', () => {
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 600; n += 1) {
        const header = { alg: 'HS256', n };
        expect(verdict(sign(payload, header))).toBe('ok');
        expect(verdict(sign(payload, header, 'x'))).toBe('bad-signature');
      }
    }
  });
});

describe('stripBearer', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer ', ''],
    ['Bearer Bearer abc', 'Bearer abc'],
    ['Bearer', 'Bearer'],
    ['Bearer\tabc', 'Bearer\tabc'],
    [' Bearer abc', ' Bearer abc'],
    ['Bearerabc', 'Bearerabc'],
    ['abc', 'abc'],
    ['', ''],
  ])('turns %p into %p', (given, bare) => {
    expect(stripBearer(given)).toBe(bare);
  });
});
