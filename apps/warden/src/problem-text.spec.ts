import { problemText } from './problem-text.js';

const access = { url: 'http://127.0.0.1:8000', source: 'WARDEN_API_KEY' };
const problem = (status: number, more: object = {}) =>
  problemText(
    status,
    JSON.stringify({
      type: 'urn:orthanc-warden:error:some-code',
      title: 'Something in the request is not valid',
      status,
      code: 'some-code',
      detail: 'correct it',
      instance: 'urn:orthanc-warden:request:4f0c-1a',
      ...more,
    }),
    access,
  );

describe('a refusal of the service', () => {
  it('is told as sentences, with every fault and the request to ask about', () => {
    expect(
      problem(400, { errors: [{ field: 'resources[0].dicom-uid', problem: 'is not a UID', remedy: 'send digits' }] }),
    ).toBe(
      [
        'Something in the request is not valid. correct it.',
        '- resources[0].dicom-uid is not a UID: send digits',
        "Request 4f0c-1a in the service's log.",
      ].join('\n'),
    );
  });

  it('says where credentials came from that are not known or not enough', () => {
    expect(problem(401)).toContain('The credentials came from WARDEN_API_KEY; they are not known');
    expect(problem(403)).toContain('The credentials came from WARDEN_API_KEY; use others that may do this.');
  });

  it('by somebody else asks whether the address is right, and repeats nothing of it', () => {
    for (const body of ['<h1>secret 404</h1>', 'null', '[]', '"x"', '{"type": "about:blank"}'])
      expect(problemText(404, body, access)).toBe(
        'http://127.0.0.1:8000 answered 404 in a way that orthanc-warden does not. Is WARDEN_URL the address of the service?',
      );
  });

  it('moves no cursor of the terminal', () => {
    expect(problem(400, { detail: 'a\u001b[2Jb' })).toContain('a\ufffd[2Jb.');
  });
});
