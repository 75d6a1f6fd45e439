import { createHmac } from 'node:crypto';
import { encodeBase64Url } from './base64url.js';
import { Keyring } from './keyring.js';
import { ShareTokenVerifier } from './share-token-verifier.js';
import { verifyShareToken } from './verify-share-token.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD = 'the key before the last rotation, still in use';
const NOW = Date.UTC(2030, 0, 1);
const keyring = Keyring.create({ signing: KEY, previous: [{ key: OLD, until: NOW + 5_000, registeredOnly: false }] });
const HEADER = '{"alg":"HS256","typ":"JWT"}';

function sign(claims: object, key = KEY): string {
  const signed = `${encodeBase64Url(HEADER)}.${encodeBase64Url(JSON.stringify(claims))}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
const share = (id: string, more: object = {}) => ({
  id,
  resources: [{ dicom_uid: '1.2.3', orthanc_id: null, url: null, level: 'study' }],
  type: 'stone-viewer-publication',
  expiration_date: new Date(NOW + 10_000).toISOString(),
  ...more,
});

describe('a verifier that remembers', () => {
  const texts = [
    sign(share('plain')),
    sign(share('later', { nbf: NOW / 1000 + 3 })),
    sign(share('old key'), OLD),
    sign({ id: 'no share' }),
    sign({ id: 'no share, old key' }, OLD),
    sign(share('stranger'), 'another key'),
    'garbage',
    '',
    'a'.repeat(70_000),
    `${sign(share('padded'))}=`,
    sign(share('a long label '.repeat(400))),
  ];

  it('says at any time, in any order, what one without a memory says', () => {
    const verifier = new ShareTokenVerifier(keyring);
    for (const after of [0, 2_999, 3_000, 4_999, 5_000, 9_999, 10_000, 0, Number.NaN]) {
      for (const text of texts) {
        expect(verifier.verify(text, NOW + after)).toEqual(verifyShareToken(text, keyring, NOW + after));
      }
    }
  });

  it('verifies a text once as long as it remembers it', () => {
    const verifier = new ShareTokenVerifier(keyring);
    const candidates = jest.spyOn(keyring, 'candidates');
    const [text = ''] = texts;
    for (let times = 0; times < 3; times++) expect(verifier.verify(text, NOW).ok).toBe(true);
    expect(candidates).toHaveBeenCalledTimes(1);
    // Strangers' texts are looked at each time and push nothing out.
    for (let index = 0; index < 3_000; index++) verifier.verify(sign(share(`${index}`), 'another key'), NOW);
    candidates.mockClear();
    expect(verifier.verify(text, NOW).ok).toBe(true);
    expect(candidates).not.toHaveBeenCalled();
    candidates.mockRestore();
  });

  it('forgets what was not asked for longest, and what is asked for stays', () => {
    const verifier = new ShareTokenVerifier(keyring);
    const [once, often] = [sign(share('once')), sign(share('often'))];
    verifier.verify(once, NOW);
    verifier.verify(often, NOW);
    for (let index = 0; index < 1_024; index++) {
      verifier.verify(sign(share(`${index}`)), NOW);
      if (index % 256 === 0) verifier.verify(often, NOW);
    }
    const candidates = jest.spyOn(keyring, 'candidates');
    expect(verifier.verify(often, NOW).ok).toBe(true);
    expect(candidates).not.toHaveBeenCalled();
    expect(verifier.verify(once, NOW).ok).toBe(true);
    expect(candidates).toHaveBeenCalledTimes(1);
    candidates.mockRestore();
  });

  it('takes no other spelling for one that it remembers', () => {
    const verifier = new ShareTokenVerifier(keyring);
    const text = sign(share('spelling'));
    verifier.verify(text, NOW);
    for (const other of [`${text}==`, ` ${text}`, `${text}\n`, `${text.slice(0, -1)}`, text.toUpperCase()]) {
      expect(verifier.verify(other, NOW)).toEqual(verifyShareToken(other, keyring, NOW));
      expect(verifier.verify(other, NOW).ok).toBe(false);
    }
  });
});
