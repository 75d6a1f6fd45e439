import type { InspectedLink, InspectResult, LiveLink } from './auth-service.js';
import { OpenLink } from './open-link.usecase.js';
import { longestToken } from './read-link.js';
import { liveLink, ScriptedAuthService } from '../support/scripted-auth-service.js';

const viewer = 'https://images.example/viewer?StudyInstanceUIDs=1.2&token=t';
const own = { id: 'stone-viewer-publication', name: 'Stone', url: viewer };
const other = { id: 'ohif-viewer-publication', name: 'OHIF', url: 'https://images.example/ohif' };

const answering = (inspected: InspectedLink) => new ScriptedAuthService({ inspect: { ok: true, inspected } });
const direct = (members: Partial<LiveLink>) =>
  answering({ state: 'live', language: null, link: liveLink({ opening: 'direct', gate: 'none', ...members }) });
const token = { tokens: ['t'] };

describe('OpenLink', () => {
  it.each<[Partial<LiveLink>, string]>([
    [{ viewers: [own, other] }, 'open opened'],
    [{ viewers: [] }, 'not-for-here nothing-to-open'],
    [{ viewers: [{ ...own, url: null }, other] }, 'not-for-here nothing-to-open'],
    [{ viewers: [{ ...own, url: '/viewer' }, other] }, 'unavailable unsafe-redirect'],
    [{ viewers: [{ ...own, url: 'javascript:alert(1)' }] }, 'unavailable unsafe-redirect'],
  ])('follows an ordinary link to its own viewer and to no other: %j', async (link, expected) => {
    const opening = await new OpenLink(direct(link), 'direct').execute(token);
    expect(`${opening.kind} ${'cause' in opening ? opening.cause : opening.code}`).toBe(expected);
  });

  it('shows an ordinary link first when told to, with the viewers that can be followed', async () => {
    const service = direct({ viewers: [{ ...own, url: 'javascript:alert(1)' }, other] });
    const opening = await new OpenLink(service, 'page').execute(token);
    expect(opening).toMatchObject({ kind: 'show', code: 'shown', link: { viewers: [other] } });
    expect(JSON.stringify(opening)).not.toContain('javascript');
  });

  it.each<[InspectedLink, object]>([
    [
      { state: 'scheduled', opensAt: new Date(0), language: null },
      { kind: 'scheduled', opensAt: new Date(0) },
    ],
    [
      { state: 'closed', closedBy: 'locked', language: null },
      { kind: 'refused', code: 'locked' },
    ],
    [
      { state: 'closed', closedBy: 'used-up', language: null },
      { kind: 'refused', code: 'used-up' },
    ],
    [
      { state: 'expired', language: 'fr' },
      { kind: 'refused', code: 'expired', language: 'fr' },
    ],
    [
      { state: 'revoked', language: null },
      { kind: 'refused', code: 'revoked' },
    ],
    [
      { state: 'viewer-expired', language: null },
      { kind: 'refused', code: 'viewer-expired' },
    ],
    [
      { state: 'invalid', language: null },
      { kind: 'refused', code: 'invalid' },
    ],
    [
      { state: 'unavailable', language: null },
      { kind: 'unavailable', cause: 'unknown' },
    ],
    [
      { state: 'live', link: liveLink({}), language: 'de' },
      { kind: 'show', code: 'shown', language: 'de' },
    ],
    [{ state: 'live', link: liveLink({ viewers: [] }), language: null }, { kind: 'not-for-here' }],
    [{ state: 'live', link: liveLink({ viewers: [], download: true }), language: null }, { kind: 'show' }],
  ])('turns %j into %j', async (inspected, expected) => {
    expect(await new OpenLink(answering(inspected), 'direct').execute(token)).toMatchObject(expected);
  });

  it.each(['timeout', 'unreachable', 'refused', 'failed', 'too-large', 'malformed'] as const)(
    'says unavailable when the service gives no answer: %s',
    async (fault) => {
      const inspect: InspectResult = { ok: false, fault };
      const opening = await new OpenLink(new ScriptedAuthService({ inspect }), 'direct').execute(token);
      expect(opening).toEqual({ kind: 'unavailable', code: 'unavailable', cause: fault });
    },
  );

  it.each([
    [{ tokens: [] }, 'no-token'],
    [{ tokens: [''] }, 'no-token'],
    [{ tokens: ['  '] }, 'no-token'],
    [{ tokens: ['t', 't'] }, 'several-tokens'],
    [{ tokens: ['t'.repeat(longestToken + 1)] }, 'token-too-long'],
    [{ tokens: [], handle: 'x'.repeat(21) }, 'not-a-handle'],
    [{ tokens: [], handle: 'x'.repeat(23) }, 'not-a-handle'],
    [{ tokens: [], handle: `${'x'.repeat(21)}+` }, 'not-a-handle'],
    [{ tokens: [], handle: '' }, 'not-a-handle'],
    [{ tokens: ['t'], handle: 'x'.repeat(22) }, 'several-tokens'],
  ])('refuses %.60j without asking the service: %s', async (parts, code) => {
    const service = direct({ viewers: [own] });
    expect(await new OpenLink(service, 'direct').execute(parts)).toEqual({ kind: 'no-link', code });
    expect(service.asked).toEqual([]);
  });

  it('passes a handle and the longest token on, without the blanks around it', async () => {
    const service = direct({ viewers: [own] });
    const long = 't'.repeat(longestToken);
    const handle = 'AbCdEfGhIjKlMnOpQr_-09';
    await new OpenLink(service, 'direct').execute({ tokens: [` ${long}\n`] });
    await new OpenLink(service, 'direct').execute({ tokens: [], handle });
    expect(service.asked).toEqual([
      ['inspect', long],
      ['inspect', handle],
    ]);
  });
});
