import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { checkedId, cursorOf, idOfCursor } from '../../platform/http/cursor.js';
import { PageQuery } from '../../platform/http/page-query.dto.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { ShareHistoryDto } from './share-history.dto.js';
import { presentEvent } from './share-history.presenter.js';
import { ShareHistory } from './share-history.usecase.js';
import { AboutOneShare } from './share-id.decorator.js';
import { shareNotFound } from '../shares.errors.js';

@ApiTags('shares')
@ApiResponse({ status: 503, description: 'The database cannot be reached.', type: ProblemDocument })
@Controller('api/v1/shares')
export class ShareHistoryController {
  constructor(private readonly history: ShareHistory) {}

  @Get(':id/history')
  @AllowedTo({ permissions: ['share', 'admin-permissions'] })
  @ApiOperation({
    operationId: 'listShareHistory',
    summary: 'List what happened to a share, newest first',
    description:
      'Who made it, who opened it and was refused, what was changed, and how it ended, in the order in which it was recorded. Nothing is told from before events were recorded. Pages are stable while new events come in; an event that only a later release knows is left out, so that a page may be short.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'One page.', type: ShareHistoryDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async list(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<ShareHistoryDto> {
    const before = query.cursor === undefined ? null : idOfCursor(query.cursor);
    const { events, next } = await this.history.execute(
      callerOf(request),
      checkedId(id, shareNotFound),
      query.limit,
      before,
    );
    return { items: events.map(presentEvent), next: next === null ? null : cursorOf(next) };
  }
}
