import type { ExchangeResult, InspectResult } from './auth-service.js';
import { ExchangeLink, type Entry } from './exchange-link.usecase.js';
import { exchangeProblems, type ExchangeProblem } from './link-wire.js';
import { OpenLink } from './open-link.usecase.js';
import { SendCode } from './send-code.usecase.js';
import { liveLink, ScriptedAuthService } from '../support/scripted-auth-service.js';

const inspect: InspectResult = { ok: true, inspected: { state: 'live', link: liveLink({}), language: 'nl' } };
const recipient = { session: 's'.repeat(43), address: '203.0.113.7', userAgent: 'Browser' };
const entry = (members: Partial<Entry>): Entry => ({
  gate: 'pin',
  secret: '1234',
  birthDate: { day: '', month: '', year: '' },
  viewer: null,
  ...members,
});
const parts = { tokens: ['t'] };

function exchanging(exchange: ExchangeResult) {
  const service = new ScriptedAuthService({ inspect, exchange });
  return { service, exchangeLink: new ExchangeLink(service, new OpenLink(service, 'direct')) };
}

const opened: ExchangeResult = { ok: true, url: 'https://images.example/?token=v' };
const problem = (code: ExchangeProblem, retryAfter?: number): ExchangeResult => ({
  ok: true,
  url: undefined,
  problem: code,
  retryAfter,
});

describe('ExchangeLink', () => {
  it('sends what was entered, and who asks, once', async () => {
    const { service, exchangeLink } = exchanging(opened);
    const opening = await exchangeLink.execute(parts, entry({ secret: ' 12 34 ', viewer: 'ohif' }), recipient);
    expect(opening).toEqual({ kind: 'open', code: 'opened', url: 'https://images.example/?token=v' });
    expect(service.asked).toEqual([['exchange', { link: 't', secret: '1234', viewer: 'ohif', ...recipient }]]);
  });

  it.each<[Partial<Entry>, string | null]>([
    [{ gate: 'none', secret: 'ignored' }, null],
    [{ gate: 'email-code', secret: '482 913' }, '482913'],
    [{ gate: 'birth-date', birthDate: { day: '7', month: ' 3 ', year: '1980' } }, '19800307'],
    [{ gate: 'birth-date', birthDate: { day: '29', month: '02', year: '2000' } }, '20000229'],
    [{ gate: undefined, secret: '' }, null],
    [{ gate: undefined, secret: '1234' }, '1234'],
  ])('reads the secret of %j as %s', async (members, secret) => {
    const { service, exchangeLink } = exchanging(opened);
    await exchangeLink.execute(parts, entry(members), recipient);
    expect(service.asked).toMatchObject([['exchange', { secret }]]);
  });

  it.each<[Partial<Entry>, string]>([
    [{ secret: ' ' }, 'entry-missing'],
    [{ gate: 'email-code', secret: '' }, 'entry-missing'],
    [{ gate: 'birth-date' }, 'entry-missing'],
    [{ gate: 'birth-date', birthDate: { day: '1', month: '', year: '1980' } }, 'entry-missing'],
    [{ gate: 'birth-date', birthDate: { day: '31', month: '2', year: '1980' } }, 'entry-impossible'],
    [{ gate: 'birth-date', birthDate: { day: '29', month: '2', year: '1900' } }, 'entry-impossible'],
    [{ gate: 'birth-date', birthDate: { day: '1', month: '13', year: '1980' } }, 'entry-impossible'],
    [{ gate: 'birth-date', birthDate: { day: '1', month: '1', year: '80' } }, 'entry-impossible'],
    [{ gate: 'birth-date', birthDate: { day: 'x', month: '1', year: '1980' } }, 'entry-impossible'],
  ])('spends no attempt on an entry that can not be right: %j', async (members, code) => {
    const { service, exchangeLink } = exchanging(opened);
    expect(await exchangeLink.execute(parts, entry(members), recipient)).toMatchObject({ kind: 'show', code });
    expect(service.asked).toEqual([['inspect', 't']]);
  });

  it.each<[ExchangeProblem, object]>([
    ['gate-refused', { kind: 'show', code: 'gate-refused', problem: 'refused', codeAsked: true, language: 'nl' }],
    ['viewer-not-offered', { kind: 'show', code: 'viewer-not-offered', problem: 'viewer-not-offered' }],
    ['too-many-attempts', { kind: 'wait', seconds: 240 }],
    ['share-locked', { kind: 'refused', code: 'locked' }],
    ['share-used-up', { kind: 'refused', code: 'used-up' }],
    ['share-expired', { kind: 'refused', code: 'expired' }],
    ['share-revoked', { kind: 'refused', code: 'revoked' }],
    ['share-scheduled', { kind: 'scheduled', opensAt: null }],
    ['viewer-unavailable', { kind: 'unavailable', cause: 'viewer-unavailable' }],
    ['database-unavailable', { kind: 'unavailable', cause: 'database-unavailable' }],
    ['gates-busy', { kind: 'unavailable', cause: 'gates-busy', retryAfter: 240 }],
  ])('turns the problem %s into %j', async (code, expected) => {
    const { exchangeLink } = exchanging(problem(code, 240));
    expect(await exchangeLink.execute(parts, entry({}), recipient)).toMatchObject(expected);
  });

  it('has an answer to every problem of the service', async () => {
    for (const code of exchangeProblems) {
      const opening = await exchanging(problem(code)).exchangeLink.execute(parts, entry({}), recipient);
      expect(opening.kind).not.toBe('open');
    }
  });

  it('tells what became of the link when the secret was refused because of it', async () => {
    const service = new ScriptedAuthService({
      inspect: { ok: true, inspected: { state: 'invalid', language: null } },
      exchange: problem('gate-refused'),
    });
    const exchangeLink = new ExchangeLink(service, new OpenLink(service, 'direct'));
    expect(await exchangeLink.execute(parts, entry({}), recipient)).toMatchObject({ kind: 'refused', code: 'invalid' });
  });

  it('follows no address that is none, and opens nothing when the service gives no answer', async () => {
    for (const url of ['javascript:alert(1)', '/viewer', 'https://a/ b']) {
      const { exchangeLink } = exchanging({ ok: true, url });
      expect(await exchangeLink.execute(parts, entry({}), recipient)).toMatchObject({ cause: 'unsafe-redirect' });
    }
    const { exchangeLink } = exchanging({ ok: false, fault: 'timeout' });
    expect(await exchangeLink.execute(parts, entry({}), recipient)).toMatchObject({ cause: 'timeout' });
  });

  it('calls a download by its name', async () => {
    const { exchangeLink } = exchanging(opened);
    const opening = await exchangeLink.execute(parts, entry({ viewer: 'download' }), recipient);
    expect(opening).toMatchObject({ kind: 'open', code: 'downloaded' });
  });

  it('asks nobody about what is no link', async () => {
    const { service, exchangeLink } = exchanging(opened);
    const opening = await exchangeLink.execute({ tokens: ['a', 'b'] }, entry({}), recipient);
    expect(opening).toEqual({ kind: 'no-link', code: 'several-tokens' });
    expect(service.asked).toEqual([]);
  });
});

describe('SendCode', () => {
  const sending = (sendCode: ConstructorParameters<typeof ScriptedAuthService>[0]['sendCode']) => {
    const service = new ScriptedAuthService({ inspect, ...(sendCode && { sendCode }) });
    return { service, sendCode: new SendCode(service, new OpenLink(service, 'direct')) };
  };

  it('has a code sent and shows the field for it', async () => {
    const { service, sendCode } = sending({ ok: true, sent: true });
    expect(await sendCode.execute(parts, '203.0.113.7')).toMatchObject({
      kind: 'show',
      code: 'code-sent',
      codeAsked: true,
    });
    expect(service.asked[0]).toEqual(['send-code', { link: 't', address: '203.0.113.7' }]);
  });

  it('asks for patience when there were too many, and can not tell when there is no answer', async () => {
    const waiting = sending({ ok: true, sent: false, retryAfter: 90 });
    expect(await waiting.sendCode.execute(parts, null)).toMatchObject({ kind: 'wait', seconds: 90 });
    const failing = sending({ ok: false, fault: 'failed' });
    expect(await failing.sendCode.execute(parts, null)).toMatchObject({ kind: 'unavailable', cause: 'failed' });
  });
});
