import { AuthService } from './auth-service.js';
import type { OpenLink } from './open-link.usecase.js';
import type { Opening } from './opening.js';
import { readLink, type LinkParts } from './read-link.js';

const defaultWaitSeconds = 60;

/** Has a code e-mailed to the recipient, and shows the field for it. */
export class SendCode {
  constructor(
    private readonly authService: AuthService,
    private readonly openLink: OpenLink,
  ) {}

  async execute(parts: LinkParts, address: string | null): Promise<Opening> {
    const link = readLink(parts);
    if (typeof link !== 'string') return link;
    const result = await this.authService.sendCode({ link, address });
    if (!result.ok) return { kind: 'unavailable', code: 'unavailable', cause: result.fault };
    if (!result.sent)
      return { kind: 'wait', code: 'too-many-attempts', seconds: result.retryAfter ?? defaultWaitSeconds };
    const opening = await this.openLink.execute(parts, true);
    return opening.kind === 'show' ? { ...opening, code: 'code-sent' } : opening;
  }
}
