import { Keyring } from '@warden/tokens';
import { TokenKeys } from '../../tokens/index.js';
import { LinkHandles } from './link-handles.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const handlesWith = (signing: string, ...previous: string[]) =>
  new LinkHandles(
    new TokenKeys(
      Keyring.create({ signing, previous: previous.map((key) => ({ key, until: null, registeredOnly: false })) }),
    ),
  );
const kidOf = (key: string): string => Keyring.create({ signing: key, previous: [] }).signing.kid;
const share = { identity: 'AAAAAAAAAAAAAAAAAAAAAA', keyId: kidOf(KEY) };
const handles = handlesWith(KEY);

describe('a short link', () => {
  it('is 22 characters, the same each time, also after another key signs', () => {
    const handle = handles.handleOf(share);
    expect(handles.isHandle(handle)).toBe(true);
    expect(handles.handleOf({ ...share })).toBe(handle);
    expect(handlesWith(OLD_KEY, KEY).handleOf(share)).toBe(handle);
  });

  it('is of its share and of its key, and tells neither', () => {
    const handle = handles.handleOf(share);
    expect(handles.handleOf({ ...share, identity: 'BBBBBBBBBBBBBBBBBBBBBA' })).not.toBe(handle);
    expect(handlesWith(OLD_KEY).handleOf({ ...share, keyId: kidOf(OLD_KEY) })).not.toBe(handle);
    expect(handle).not.toBe(share.identity);
  });

  it('cannot be shown again when its key is gone', () => {
    expect(() => handlesWith(OLD_KEY).handleOf(share)).toThrow(expect.objectContaining({ code: 'key-retired' }));
  });

  it('is kept as its SHA-256', () => {
    expect(handles.hashOf('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });

  it.each([
    '',
    'AAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAB',
    'AAAAAAAAAAAAAAAAAAAAA=',
    'AAAAAAAAAAAAAAAAAAAA+A',
    'AAAAAAAAAAAAAAAAAAAA/A',
    'AAAAAAAAAAAAAAAAAAAAAA\n',
    ' AAAAAAAAAAAAAAAAAAAAAA',
    'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
  ])('is not anything else: %j', (text) => expect(handles.isHandle(text)).toBe(false));

  it.each(['AAAAAAAAAAAAAAAAAAAAAA', '-_zZ09AAAAAAAAAAAAAAAQ', '0123456789012345678_-g', 'aaaaaaaaaaaaaaaaaaaaaw'])(
    'is 16 bytes in the one way that base64url writes them: %s',
    (text) => {
      expect(Buffer.from(text, 'base64url').toString('base64url')).toBe(text);
      expect(handles.isHandle(text)).toBe(true);
    },
  );
});
