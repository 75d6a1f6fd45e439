import { Controller, Get, Head, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CheckReadiness } from './check-readiness.usecase.js';
import { noteForLog } from './http/access-log.js';
import { Answers, queryValues } from './http/answer.js';
import { OpenLink } from './open-link.usecase.js';
import { isPreviewRobot } from './preview-robots.js';

/** `/share-landing/` is the address of links that the 2022 service handed out. */
const linkPaths = ['/', 'share-landing'];

@Controller()
export class LandingController {
  constructor(
    private readonly openLink: OpenLink,
    private readonly checkReadiness: CheckReadiness,
    private readonly answers: Answers,
  ) {}

  /** Mail scanners ask HEAD first: they learn nothing and cause no work. Declared before its GET, or the framework would add its own. */
  @Head(linkPaths)
  peek(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    noteForLog(request.raw, { outcome: 'head' });
    this.answers.page(request, reply, 200, 'preview');
  }

  @Get(linkPaths)
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (isPreviewRobot(request.headers['user-agent'])) {
      noteForLog(request.raw, { outcome: 'preview' });
      return this.answers.page(request, reply, 200, 'preview');
    }
    this.answers.opening(request, reply, await this.openLink.execute(queryValues(request, 'token')));
  }

  @Get('robots.txt')
  robots(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    noteForLog(request.raw, { outcome: 'ok' });
    void reply.header('Content-Type', 'text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n');
  }

  @Get('health/live')
  live(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    noteForLog(request.raw, { outcome: 'ok' });
    void reply.send({ status: 'live' });
  }

  @Get('health/ready')
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const status = await this.checkReadiness.execute();
    noteForLog(request.raw, { outcome: status });
    void reply.code(status === 'ready' ? 200 : 503).send({ status });
  }
}
