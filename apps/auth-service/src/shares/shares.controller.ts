import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../platform/http/access.decorator.js';
import { cursorOf, idOfCursor, uuidOf } from '../platform/http/cursor.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { Clock } from '../platform/time/clock.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { ListSharesQuery, filterOf, momentOf, orderOf } from './list-shares.dto.js';
import { RevokeShare } from './revoke-share.usecase.js';
import { RevokeSharesBody, RevokedSharesDto } from './revoke-shares.dto.js';
import { RevokeShares } from './revoke-shares.usecase.js';
import { presentShare } from './share.presenter.js';
import { shareNotFound } from './shares.errors.js';
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
      'Ends the links that match every member given, at least one. A rule is stored, which also stops links minted elsewhere and never seen here, and live shares of the registry are marked as revoked; by `sharer` or `label`, which no rule can tell from a token, known shares alone. A link of several studies ends as a whole. Links minted here afterwards are not touched. Send `dryRun` first: it counts and writes nothing. After a failure send the same again; what was done stays.',
  })
  @ApiResponse({ status: 200, description: 'What was done, or would be.', type: RevokedSharesDto })
  @ApiResponse({ status: 400, description: 'A member is not valid, or none says which links.', type: ProblemDocument })
  async revokeMany(@Req() request: FastifyRequest, @Body() body: RevokeSharesBody): Promise<RevokedSharesDto> {
    const { reason, dryRun = false, mintedBefore, ...links } = body;
    const asked = { ...links, mintedBefore: momentOf(mintedBefore) };
    return { ...(await this.revokeShares.execute(callerOf(request), asked, reason, dryRun)), dryRun };
  }

  @Get(':id')
  @AllowedTo(mine)
  @ApiOperation({
    operationId: 'getShare',
    summary: 'Look at one share',
    description: 'What was shared, by whom, until when, and whether it was revoked. Never the token.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  @ApiResponse({ status: 200, description: 'The share.', type: ShareDto })
  @ApiResponse({ status: 404, description: 'No share of yours has this id.', type: ProblemDocument })
  async find(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ShareDto> {
    return presentShare(await this.browse.find(callerOf(request), checkedId(id)), this.clock.now());
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
  @ApiParam({ name: 'id', format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  @ApiResponse({ status: 200, description: 'The share, revoked.', type: ShareDto })
  @ApiResponse({ status: 400, description: 'The reason is missing or not valid.', type: ProblemDocument })
  @ApiResponse({ status: 404, description: 'No share of yours has this id.', type: ProblemDocument })
  async revoke(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() body: RevokeShareBody,
  ): Promise<ShareDto> {
    return presentShare(
      await this.revokeShare.execute(callerOf(request), checkedId(id), body.reason),
      this.clock.now(),
    );
  }
}

/** What is not a UUID is the id of no share. */
function checkedId(id: string): string {
  const uuid = uuidOf(id);
  if (uuid === null) throw shareNotFound();
  return uuid;
}
