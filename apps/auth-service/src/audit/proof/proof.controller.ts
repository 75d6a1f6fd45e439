import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { originOf } from '../acts.js';
import { AnswerStreams } from '../reading/answer-streams.js';
import { ExportProof } from './export-proof.usecase.js';
import { ProofQuery } from './proof.dto.js';

const mediaType = 'application/x-ndjson';

@ApiTags('audit')
@Controller('api/v1/audit')
export class ProofController {
  constructor(
    private readonly exportProof: ExportProof,
    private readonly streams: AnswerStreams,
  ) {}

  @Get('proof')
  @AllowedTo({ permissions: ['audit-logs'] })
  @ApiOperation({
    operationId: 'exportAuditProof',
    summary: 'Export the record with its proof',
    description:
      'Every event with its hash, where each chain ends, and the signed checkpoints: `warden audit verify`, or the one file verify-export.js without any service, tells from it whether anything was changed, removed or added. Streamed; what ends without the line `end` was cut. The export is an event itself, and is in it.',
  })
  @ApiResponse({
    status: 200,
    description: 'One JSON value a line: a header, checkpoints, then of each chain its end and its events, and `end`.',
    content: { [mediaType]: { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  @ApiResponse({ status: 503, description: 'The database cannot be reached.', type: ProblemDocument })
  async proof(
    @Query() { from, to }: ProofQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pieces = await this.exportProof.execute({ from: from ?? null, to: to ?? null }, originOf(callerOf(request)));
    await this.streams.send(reply, mediaType, 'record.ndjson', pieces);
  }
}
