import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { checkedId } from '../../platform/http/cursor.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { AnswerStreams } from './answer-streams.js';
import { AuditEventDto, AuditEventsPageDto, AuditStatisticsDto } from './audit-events.dto.js';
import { eventsAsCsv, eventsAsNdjson } from './audit-events.formats.js';
import { presentEventsPage, presentFiledEvent, presentStatistics } from './audit-events.presenter.js';
import { AuditFilterQuery, AuditStatisticsQuery, ListAuditEventsQuery, auditFilterOf } from './audit-query.dto.js';
import { AuditStatistics } from './audit-statistics.usecase.js';
import { keyOfEventCursor } from './event-cursor.js';
import { ExportAuditEvents } from './export-audit-events.usecase.js';
import { ReadAuditEvent } from './read-audit-event.usecase.js';
import { auditEventNotFound } from './reading.errors.js';
import { SearchAuditEvents } from './search-audit-events.usecase.js';
import { RefusedSearch } from './refused-search.decorator.js';

const auditors = { permissions: ['audit-logs'] };
const whole =
  'Streamed in batches, so that a slow reader holds nothing up; an answer without its proper end was cut off. An event that only a later release knows is left out.';

@ApiTags('audit')
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached, or the reading cannot be recorded; nothing is shown.',
  type: ProblemDocument,
})
@Controller('api/v1/audit')
export class AuditEventsController {
  constructor(
    private readonly search: SearchAuditEvents,
    private readonly readOne: ReadAuditEvent,
    private readonly exportAll: ExportAuditEvents,
    private readonly statistics: AuditStatistics,
    private readonly streams: AnswerStreams,
  ) {}

  @Get('events')
  @AllowedTo(auditors)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'listAuditEvents',
    summary: 'Search the record, newest first',
    description:
      'All filters that are given must match. An event is found within a second of being recorded. Pages are stable while new events come in; keep the filters from page to page. With `text` one page looks at 20,000 events: it may be short, or empty, while `next` leads on. Each page that is read is an event too: `audit.read`.',
  })
  @ApiResponse({ status: 200, description: 'One page.', type: AuditEventsPageDto })
  @RefusedSearch('A query member is not valid.', 'Too much would have to be looked at; narrow the search.')
  async list(@Req() request: FastifyRequest, @Query() query: ListAuditEventsQuery): Promise<AuditEventsPageDto> {
    const after = query.cursor === undefined ? null : keyOfEventCursor(query.cursor);
    const page = { limit: query.limit, after };
    return presentEventsPage(await this.search.execute(callerOf(request), auditFilterOf(query), page));
  }

  @Get('events.csv')
  @AllowedTo(auditors)
  @ApiOperation({
    operationId: 'exportAuditEventsCsv',
    summary: 'Export the record as CSV',
    description: `All events that match, newest first: RFC 4180, UTF-8, a header row, lines ended by CRLF. A cell that begins with = + - @, a tab or a line break gets a leading apostrophe, so that no spreadsheet takes it for a formula. Several studies or patients stand in one cell, a line each; \`detail\` is JSON. ${whole} Recorded as \`audit.exported\`.`,
  })
  @ApiResponse({ status: 200, description: 'The table.', content: { 'text/csv': { schema: { type: 'string' } } } })
  @RefusedSearch('A query member is not valid.', 'Too much would have to be looked at; narrow the search.')
  async csv(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: AuditFilterQuery,
  ): Promise<void> {
    const events = await this.exportAll.execute(callerOf(request), auditFilterOf(query), 'csv');
    await this.streams.send(reply, 'text/csv; charset=utf-8; header=present', 'audit-events.csv', eventsAsCsv(events));
  }

  @Get('events.ndjson')
  @AllowedTo(auditors)
  @ApiOperation({
    operationId: 'exportAuditEventsNdjson',
    summary: 'Export the record as lines of JSON',
    description: `All events that match, newest first, each on a line as \`GET /api/v1/audit/events/{id}\` shows it. ${whole} Recorded as \`audit.exported\`.`,
  })
  @ApiResponse({
    status: 200,
    description: 'The lines.',
    content: { 'application/x-ndjson': { schema: { type: 'string' } } },
  })
  @RefusedSearch('A query member is not valid.', 'Too much would have to be looked at; narrow the search.')
  async ndjson(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: AuditFilterQuery,
  ): Promise<void> {
    const events = await this.exportAll.execute(callerOf(request), auditFilterOf(query), 'ndjson');
    await this.streams.send(reply, 'application/x-ndjson', 'audit-events.ndjson', eventsAsNdjson(events));
  }

  @Get('events/:id')
  @AllowedTo(auditors)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getAuditEvent',
    summary: 'Look at one event',
    description: 'All that is told of it. Recorded as `audit.read`.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62427' })
  @ApiResponse({ status: 200, description: 'The event.', type: AuditEventDto })
  @ApiResponse({ status: 404, description: 'No event has this id.', type: ProblemDocument })
  async one(@Req() request: FastifyRequest, @Param('id') id: string): Promise<AuditEventDto> {
    return presentFiledEvent(await this.readOne.execute(callerOf(request), checkedId(id, auditEventNotFound)));
  }

  @Get('stats')
  @AllowedTo(auditors)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'countAuditEvents',
    summary: 'Count events, for charts',
    description:
      'By day (UTC), by event or by actor, of the last 30 days unless `from` says otherwise. Recorded as `audit.read`.',
  })
  @ApiResponse({ status: 200, description: 'The counts.', type: AuditStatisticsDto })
  @RefusedSearch('A query member is not valid.', 'Too much would have to be counted; narrow the time.')
  async stats(@Req() request: FastifyRequest, @Query() query: AuditStatisticsQuery): Promise<AuditStatisticsDto> {
    return presentStatistics(
      await this.statistics.execute(callerOf(request), auditFilterOf(query), query.by),
      query.by,
    );
  }
}
