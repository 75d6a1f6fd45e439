import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { periodOf } from '../reading/audit-query.dto.js';
import { EraseEvents } from './erase-events.usecase.js';
import { EraseEventsBody, ErasureDto } from './erasures.dto.js';

@ApiTags('audit')
@ApiResponse({ status: 503, description: 'The database cannot be reached; nothing was erased.', type: ProblemDocument })
@Controller('api/v1/audit/erasures')
export class ErasuresController {
  constructor(private readonly erase: EraseEvents) {}

  @Post()
  @HttpCode(200)
  @AllowedTo({ permissions: ['admin-permissions'] })
  @ApiOperation({
    operationId: 'eraseAuditEvents',
    summary: 'Erase from the record who somebody is',
    description:
      "Of the events that match every member given (at least one of `patient`, `actor` and `address`) the names, addresses, browsers, PatientIDs and people's own words are erased, for good. An event loses all of them: one that names several patients loses the other patients too, and is no longer among the disclosures of any. Ids of users and shares, Study Instance UIDs, moments and what happened stay, and the proof stays whole. Erased are events that are sealed, which takes a second; what is recorded later is not. What left by export or over syslog is out of reach, and so are the shares themselves, which are not the record. Send `dryRun` first: it counts and writes nothing. All of it is erased, and recorded as `audit.erased` with the count and the reason, or nothing is; after a failure send the same again. A second time nothing is left: 0 is answered, and nothing recorded.",
  })
  @ApiResponse({ status: 200, description: 'What was done, or would be.', type: ErasureDto })
  @ApiResponse({ status: 400, description: 'A member is not valid, or none says whose events.', type: ProblemDocument })
  async create(@Req() request: FastifyRequest, @Body() body: EraseEventsBody): Promise<ErasureDto> {
    const { patient, actor, address, reason, dryRun = false } = body;
    const asked = { patient, actor, address, ...periodOf(body) };
    return { ...(await this.erase.execute(callerOf(request), asked, reason, dryRun)), dryRun };
  }
}
