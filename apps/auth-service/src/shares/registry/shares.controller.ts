import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { checkedId, cursorOf, idOfCursor } from '../../platform/http/cursor.js';
import { readIdempotencyKey } from '../../platform/http/idempotency-key.js';
import { etagOf, expectedVersion } from '../../platform/http/if-match.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { Clock } from '../../platform/time/clock.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { ChangeShare } from '../minting/change-share.usecase.js';
import { CreateShare } from '../minting/create-share.usecase.js';
import { ListSharesQuery, filterOf, momentOf, orderOf } from './list-shares.dto.js';
import { RevokeShare } from '../revoking/revoke-share.usecase.js';
import { RevokeSharesBody, RevokedSharesDto } from '../revoking/revoke-shares.dto.js';
import { RevokeShares } from '../revoking/revoke-shares.usecase.js';
import { NotifyRecipient } from '../minting/notify-recipient.usecase.js';
import { QrCodeQuery, qrCodeOf } from '../links/qr-code.js';
import { ReadShareLink } from '../links/read-share-link.usecase.js';
import { presentChanged, presentCreated, presentShare } from './share.presenter.js';
import {
  ChangeShareBody,
  ChangedShareDto,
  CreateShareBody,
  CreatedShareDto,
  ShareLinkDto,
} from '../minting/share-body.dto.js';
import { changeOf, wishOf } from '../minting/share-body.reader.js';
import { UnlockShare } from './unlock-share.usecase.js';
import { AboutOneShare } from './share-id.decorator.js';
import { shareNotFound } from '../shares.errors.js';
import { RevokeShareBody, ShareDto, SharesPageDto } from './shares.dto.js';

const mine = { permissions: ['share', 'admin-permissions'] };

@ApiTags('shares')
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached; nothing was changed.',
  type: ProblemDocument,
})
@Controller('api/v1/shares')
export class SharesController {
  constructor(
    private readonly browse: BrowseShares,
    private readonly createShare: CreateShare,
    private readonly changeShare: ChangeShare,
    private readonly unlockShare: UnlockShare,
    private readonly readLink: ReadShareLink,
    private readonly notify: NotifyRecipient,
    private readonly revokeShare: RevokeShare,
    private readonly revokeShares: RevokeShares,
    private readonly clock: Clock,
  ) {}

  @Get()
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'listShares',
    summary: 'List shares, newest first',
    description:
      "Your own shares; everyone's with `admin-permissions`. Filters narrow the list together. Pages are stable while new shares come in; keep filters and order from page to page.",
  })
  @ApiResponse({ status: 200, description: 'One page.', type: SharesPageDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async list(@Req() request: FastifyRequest, @Query() query: ListSharesQuery): Promise<SharesPageDto> {
    const now = this.clock.now();
    const { shares, next } = await this.browse.list(callerOf(request), {
      filter: filterOf(query, now),
      order: orderOf(query),
      limit: query.limit,
      after: query.cursor === undefined ? null : idOfCursor(query.cursor),
    });
    return { items: shares.map((share) => presentShare(share, now)), next: next === null ? null : cursorOf(next) };
  }

  @Post('revoke')
  @HttpCode(200)
  @AllowedTo({ permissions: ['admin-permissions'] })
  @ApiOperation({
    operationId: 'revokeShares',
    summary: 'End many shares',
    description:
      'Ends the links that match every member given, at least one. A rule is stored, which also stops links minted elsewhere and never seen here, and live shares of the registry are marked as revoked; by `sharer`, `recipient` or `label`, which no rule can tell from a token, known shares alone. A link of several studies ends as a whole. Links minted here afterwards are not touched. Send `dryRun` first: it counts and writes nothing. After a failure send the same again; what was done stays.',
  })
  @ApiResponse({ status: 200, description: 'What was done, or would be.', type: RevokedSharesDto })
  @ApiResponse({ status: 400, description: 'A member is not valid, or none says which links.', type: ProblemDocument })
  async revokeMany(@Req() request: FastifyRequest, @Body() body: RevokeSharesBody): Promise<RevokedSharesDto> {
    const { reason, dryRun = false, mintedBefore, ...links } = body;
    const asked = { ...links, mintedBefore: momentOf(mintedBefore) };
    return { ...(await this.revokeShares.execute(callerOf(request), asked, reason, dryRun)), dryRun };
  }

  @Post()
  @AllowedTo({ permissions: ['share'] })
  @ApiOperation({
    operationId: 'createShare',
    summary: 'Share studies',
    description:
      'For whom, why, from when to when, how often, behind which gate, within the share policy. With a gate, a limit of openings or a begin the link is no key: the recipient exchanges it on our landing page (PUBLIC_SHARE_ROOT). With ORTHANC_URL every study must exist and carry a label that you may see.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key and body give the same share, link and PIN for 24 hours.',
    example: 'order-4711',
  })
  @ApiResponse({ status: 201, description: 'Shared and registered.', type: CreatedShareDto })
  @ApiResponse({
    status: 400,
    description: 'A member is not valid, or the share policy does not allow it; every fault is named.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 404, description: 'Orthanc has no such study that you may see.', type: ProblemDocument })
  @ApiResponse({
    status: 409,
    description: 'The Idempotency-Key stands for another request, or its signing key is gone.',
    type: ProblemDocument,
  })
  async make(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: CreateShareBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<CreatedShareDto> {
    const created = await this.createShare.execute(wishOf(body), callerOf(request), readIdempotencyKey(key));
    const notification =
      body.notify === true && !created.repeated ? await this.notify.execute(callerOf(request), created) : null;
    reply.header('location', `/api/v1/shares/${created.share.id}`).header('etag', etagOf(created.share.revision));
    return presentCreated(created, notification, this.clock.now());
  }

  @Get(':id')
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'getShare',
    summary: 'Look at one share',
    description: 'What was shared, by whom, until when, and whether it was revoked. Never the token.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'The share.', type: ShareDto })
  async find(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<ShareDto> {
    const share = await this.browse.find(callerOf(request), checkedId(id, shareNotFound));
    reply.header('etag', etagOf(share.revision));
    return presentShare(share, this.clock.now());
  }

  @Patch(':id')
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'changeShare',
    summary: 'Change a share',
    description:
      'A member that is left out stays, null takes it away. A link that is a token says itself how long it is good: a longer life, or a first gate, makes another share with another link, which is answered; with the gate the old link ends at once. An opaque link stays as it is.',
  })
  @AboutOneShare()
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag of the share that you saw: refused when it was changed since.',
    example: '"1"',
  })
  @ApiResponse({ status: 200, description: 'Changed.', type: ChangedShareDto })
  @ApiResponse({
    status: 400,
    description: 'A member is not valid, or the share policy does not allow it.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 409, description: 'The share was revoked or has expired.', type: ProblemDocument })
  @ApiResponse({ status: 412, description: 'The share was changed meanwhile.', type: ProblemDocument })
  async change(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
    @Body() body: ChangeShareBody,
  ): Promise<ChangedShareDto> {
    const expected = expectedVersion(request.headers['if-match']);
    const changed = await this.changeShare.execute(
      callerOf(request),
      checkedId(id, shareNotFound),
      changeOf(body),
      expected,
    );
    reply.header('etag', etagOf(changed.share.revision));
    return presentChanged(changed, this.clock.now());
  }

  @Post(':id/unlock')
  @HttpCode(200)
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'unlockShare',
    summary: 'Let recipients try again',
    description: 'Forgets wrong attempts at the gate; a share that they have locked is open again.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'The share.', type: ShareDto })
  async unlock(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ShareDto> {
    return presentShare(
      await this.unlockShare.execute(callerOf(request), checkedId(id, shareNotFound)),
      this.clock.now(),
    );
  }

  @Get(':id/link')
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'readShareLink',
    summary: 'Show the link again',
    description: 'The same as when it was shared. Whoever has it can open what is shared, unless a gate is before it.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'The link.', type: ShareLinkDto })
  @ApiResponse({
    status: 409,
    description: 'The share is over, was minted elsewhere, or its signing key is gone.',
    type: ProblemDocument,
  })
  async link(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ShareLinkDto> {
    const { url, token } = await this.readLink.execute(callerOf(request), checkedId(id, shareNotFound));
    return { url, token };
  }

  @Get(':id/qr')
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'readShareQrCode',
    summary: 'The link as a QR code',
    description: 'ISO/IEC 18004, to be printed or shown on a screen.',
  })
  @AboutOneShare()
  @ApiResponse({
    status: 200,
    description: 'The picture.',
    content: {
      'image/svg+xml': { schema: { type: 'string' } },
      'image/png': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  @ApiResponse({
    status: 409,
    description: 'The share has no link, or one that is too long for a QR code.',
    type: ProblemDocument,
  })
  async qr(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Query() { format }: QrCodeQuery,
  ): Promise<void> {
    const { url } = await this.readLink.execute(callerOf(request), checkedId(id, shareNotFound));
    const picture = await qrCodeOf(url, format);
    await reply
      .type(format === 'png' ? 'image/png' : 'image/svg+xml')
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(picture);
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'revokeShare',
    summary: 'End a share',
    description:
      'Refused here at once, by every replica within a second; a viewer that the plugin has just asked about stops after GRANT_VALIDITY. Revoking twice keeps the first reason.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'The share, revoked.', type: ShareDto })
  @ApiResponse({ status: 400, description: 'The reason is missing or not valid.', type: ProblemDocument })
  async revoke(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() body: RevokeShareBody,
  ): Promise<ShareDto> {
    return presentShare(
      await this.revokeShare.execute(callerOf(request), checkedId(id, shareNotFound), body.reason),
      this.clock.now(),
    );
  }
}
