import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { EventSource } from '@warden/events';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { ExchangeLink } from './exchange-link.usecase.js';
import { InspectLink } from './inspect-link.usecase.js';
import { ExchangeBody, ExchangedLinkDto, HeardDto, InspectBody, InspectedLinkDto, SendCodeBody } from './links.dto.js';
import { presentLink } from './links.presenter.js';
import { SendCode } from './send-code.usecase.js';

/** What the landing page asks for the recipient of a link. */
@ApiTags('links')
@ApiResponse({ status: 400, description: 'A member is not valid.', type: ProblemDocument })
@Controller('api/v1/links')
export class LinksController {
  constructor(
    private readonly inspectLink: InspectLink,
    private readonly exchangeLink: ExchangeLink,
    private readonly sendCode: SendCode,
  ) {}

  @Post('inspect')
  @HttpCode(200)
  @AllowedTo({ scopes: ['decode'] })
  @ApiOperation({
    operationId: 'inspectLink',
    summary: 'How does this link stand?',
    description:
      'What a recipient may know before any gate: nothing that names a patient. Changes nothing, whoever visits the link. A dead link is no error: see `state`.',
  })
  @ApiResponse({ status: 200, description: 'How it stands.', type: InspectedLinkDto })
  async inspect(@Req() request: FastifyRequest, @Body() { link, session }: InspectBody): Promise<InspectedLinkDto> {
    const inspected = await this.inspectLink.execute(link, session ?? null);
    request.outcome = inspected.state;
    return presentLink(inspected);
  }

  @Post('send-code')
  @HttpCode(202)
  @AllowedTo({ scopes: ['exchange'] })
  @ApiOperation({
    operationId: 'sendLinkCode',
    summary: 'Send the recipient a code',
    description:
      'A fresh one by e-mail, good for ten minutes, if the link is a live one with that gate. The answer is the same for any link.',
  })
  @ApiResponse({ status: 202, description: 'Heard.', type: HeardDto })
  @ApiResponse({ status: 429, description: 'Too many codes; see Retry-After.', type: ProblemDocument })
  @ApiResponse({ status: 503, description: 'The database cannot be reached.', type: ProblemDocument })
  async send(@Body() { link, address }: SendCodeBody): Promise<HeardDto> {
    await this.sendCode.execute(link, address ?? null);
    return {};
  }

  @Post('exchange')
  @HttpCode(200)
  @AllowedTo({ scopes: ['exchange'] })
  @ApiOperation({
    operationId: 'exchangeLink',
    summary: 'Let a recipient in',
    description:
      "Trades a gated link, and what its gate asks for, for a viewer's address that is good for an hour and no longer than the share. Counts the recipient once in eight hours. A link that nobody minted is answered like a wrong code.",
  })
  @ApiResponse({ status: 200, description: 'Where the recipient goes.', type: ExchangedLinkDto })
  @ApiResponse({ status: 403, description: 'The code is wrong, or there is no such link.', type: ProblemDocument })
  @ApiResponse({ status: 409, description: 'The share begins later.', type: ProblemDocument })
  @ApiResponse({ status: 410, description: 'The share expired, was revoked or is used up.', type: ProblemDocument })
  @ApiResponse({ status: 423, description: 'Locked after too many wrong attempts.', type: ProblemDocument })
  @ApiResponse({ status: 429, description: 'Wait before the next attempt; see Retry-After.', type: ProblemDocument })
  @ApiResponse({
    status: 503,
    description: "The database or the viewer's token service cannot be reached, or too many codes are being checked.",
    type: ProblemDocument,
  })
  async exchange(@Req() request: FastifyRequest, @Body() body: ExchangeBody): Promise<ExchangedLinkDto> {
    const { link, session } = body;
    const { url, expiresAt } = await this.exchangeLink.execute({
      link,
      session,
      secret: body.secret ?? null,
      viewer: body.viewer ?? null,
      source: sourceOf(request, body),
    });
    request.outcome = 'opened';
    return { url, expiresAt: new Date(expiresAt).toISOString() };
  }
}

function sourceOf({ id }: FastifyRequest, { address, userAgent }: ExchangeBody): EventSource {
  return { address: address ?? null, userAgent: userAgent ?? null, requestId: id };
}
