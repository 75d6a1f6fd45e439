import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { Clock } from '../../platform/time/clock.js';
import { AccountOfDisclosures } from './account-of-disclosures.usecase.js';
import { AnswerStreams } from './answer-streams.js';
import { DisclosuresQuery, periodOf } from './audit-query.dto.js';
import { disclosuresAsCsv, disclosuresAsHtml } from './disclosures.formats.js';
import { RefusedSearch } from './refused-search.decorator.js';

const auditors = { permissions: ['audit-logs'] };
const content =
  "Each link that was sent or opened, and each first use of images, that concerns the patient: when, who received it, what, for which purpose (45 CFR 164.528(b)(2)), and who shared it; oldest first, of the last six years unless `from` says otherwise. Marked as inferred: the link was its own key, so that only the asking for images was seen. An entry with a moment since when the patient is known names no patient in the record: it was recorded before the archive told whose the study is (of the 1,000 studies of the patient that were told of last); one that names another patient is that patient's, and is not told.";

@ApiTags('audit')
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached, or the reading cannot be recorded; nothing is shown.',
  type: ProblemDocument,
})
@Controller('api/v1/audit')
export class DisclosuresController {
  constructor(
    private readonly account: AccountOfDisclosures,
    private readonly streams: AnswerStreams,
    private readonly clock: Clock,
  ) {}

  @Get('disclosures')
  @AllowedTo(auditors)
  @ApiOperation({
    operationId: 'accountOfDisclosures',
    summary: 'Account for the disclosures of a patient, to print',
    description: `${content} Recorded as \`audit.read\`.`,
  })
  @ApiResponse({ status: 200, description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } })
  @RefusedSearch('A query member is missing or not valid.', 'Too much would have to be looked at; narrow the time.')
  async page(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: DisclosuresQuery,
  ): Promise<void> {
    const { patient } = query;
    const { period, disclosures } = await this.account.execute(callerOf(request), patient, periodOf(query), 'html');
    const page = disclosuresAsHtml(disclosures, { patient, period, madeAt: this.clock.now() });
    await this.streams.send(reply, 'text/html; charset=utf-8', null, page);
  }

  @Get('disclosures.csv')
  @AllowedTo(auditors)
  @ApiOperation({
    operationId: 'accountOfDisclosuresCsv',
    summary: 'Account for the disclosures of a patient, as CSV',
    description: `${content} RFC 4180 as \`GET /api/v1/audit/events.csv\` is. Recorded as \`audit.exported\`.`,
  })
  @ApiResponse({ status: 200, description: 'The table.', content: { 'text/csv': { schema: { type: 'string' } } } })
  @RefusedSearch('A query member is missing or not valid.', 'Too much would have to be looked at; narrow the time.')
  async csv(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query() query: DisclosuresQuery,
  ): Promise<void> {
    const { disclosures } = await this.account.execute(callerOf(request), query.patient, periodOf(query), 'csv');
    await this.streams.send(
      reply,
      'text/csv; charset=utf-8; header=present',
      'disclosures.csv',
      disclosuresAsCsv(disclosures),
    );
  }
}
