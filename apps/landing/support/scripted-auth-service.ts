import {
  AuthService,
  type ExchangeResult,
  type InspectResult,
  type LiveLink,
  type SendCodeResult,
} from '../src/auth-service.js';
import type { ExchangeBody, SendCodeBody } from '../src/link-wire.js';

/** For specs: answers as it was told, remembers what it was asked, and fails when asked what nobody prepared. */
export class ScriptedAuthService extends AuthService {
  readonly asked: (readonly [route: string, request: unknown])[] = [];

  constructor(
    private readonly script: {
      readonly inspect?: InspectResult;
      readonly sendCode?: SendCodeResult;
      readonly exchange?: ExchangeResult;
    },
  ) {
    super();
  }

  override inspect(link: string): Promise<InspectResult> {
    return this.answer('inspect', link, this.script.inspect);
  }

  override sendCode(request: SendCodeBody): Promise<SendCodeResult> {
    return this.answer('send-code', request, this.script.sendCode);
  }

  override exchange(request: ExchangeBody): Promise<ExchangeResult> {
    return this.answer('exchange', request, this.script.exchange);
  }

  override isAlive(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private answer<Result>(route: string, request: unknown, result: Result | undefined): Promise<Result> {
    this.asked.push([route, request]);
    return result === undefined ? Promise.reject(new Error(`nobody prepared ${route}`)) : Promise.resolve(result);
  }
}

/** A link that asks for a PIN, with a viewer. */
export function liveLink(members: Partial<LiveLink>): LiveLink {
  return {
    opening: 'confirm',
    gate: 'pin',
    codeSentTo: null,
    sharedBy: null,
    studies: 1,
    expiresAt: null,
    viewers: [{ id: 'stone-viewer-publication', name: 'Stone', url: null }],
    download: false,
    ...members,
  };
}
