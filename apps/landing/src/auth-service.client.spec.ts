import { parseDecodedLink } from './auth-service.client.js';

const answer = (members: object) => JSON.stringify({ 'error-code': null, 'redirect-url': null, ...members });

describe('parseDecodedLink', () => {
  it('reads the answer of an older service, which gives no reason', () => {
    const text = answer({ 'token-type': 'stone-viewer-publication', 'redirect-url': 'https://a/', resources: [] });
    expect(parseDecodedLink(text)).toEqual({ errorCode: null, redirectUrl: 'https://a/', reason: undefined });
  });

  it('reads a refusal and its reason', () => {
    const text = answer({ 'error-code': 'invalid', reason: 'revoked' });
    expect(parseDecodedLink(text)).toEqual({ errorCode: 'invalid', redirectUrl: null, reason: 'revoked' });
  });

  it('ignores a reason that is no text', () => {
    expect(parseDecodedLink(answer({ reason: { a: 1 } }))?.reason).toBeUndefined();
  });

  it.each([
    '',
    '<html>',
    'null',
    '[]',
    '"x"',
    '1',
    '{}',
    '{"redirect-url":"https://a/"}',
    answer({ 'error-code': '' }),
    answer({ 'error-code': 'gone' }),
    answer({ 'error-code': false }),
    answer({ 'redirect-url': 5 }),
    answer({ 'redirect-url': ['https://a/'] }),
  ])('does not understand %s', (text) => {
    expect(parseDecodedLink(text)).toBeUndefined();
  });
});
