import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicRoute } from '../http/access.decorator.js';
import { LiveAnswer, ReadyAnswer } from './health.dto.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @PublicRoute('probes carry no credentials; says nothing but that the process answers')
  @ApiOperation({
    operationId: 'healthLive',
    summary: 'Is the process alive?',
    description: 'Restart it when this does not answer.',
  })
  @ApiResponse({ status: 200, description: 'It is.', type: LiveAnswer })
  live(): LiveAnswer {
    return { status: 'alive' };
  }

  @Get('health/ready')
  @PublicRoute('probes carry no credentials; names no host, user or share')
  @ApiOperation({
    operationId: 'healthReady',
    summary: 'Can it do its whole work?',
    description: 'Each check with what is wrong and what to do about it.',
  })
  @ApiResponse({ status: 200, description: 'It can.', type: ReadyAnswer })
  @ApiResponse({ status: 503, description: 'It cannot; `checks` says why.', type: ReadyAnswer })
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const checks = await this.readiness.check();
    const ok = checks.every((check) => check.ok || check.advisory === true);
    request.outcome = ok ? 'ready' : 'not-ready';
    const answer: ReadyAnswer = {
      status: ok ? 'ready' : 'not-ready',
      checks: checks.map((check) => ({ ...check, advisory: check.advisory === true })),
    };
    await reply
      .status(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer);
  }

  @Get('metrics')
  @PublicRoute('counts only, by route template and closed words; keep the port inside the hospital')
  @ApiOperation({
    operationId: 'metrics',
    summary: 'Prometheus metrics',
    description:
      'Text format 0.0.4: requests by route, decisions by reason, age of the change feed, revocations in memory, process figures.',
  })
  @ApiResponse({
    status: 200,
    description: 'The metrics.',
    content: { 'text/plain': { schema: { type: 'string' }, example: 'token_decisions_total{reason="granted"} 12' } },
  })
  async prometheus(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text());
  }
}
