import { Body, Controller, Get, Head, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CheckReadiness } from './check-readiness.usecase.js';
import { ExchangeLink } from './exchange-link.usecase.js';
import { noteForLog } from './http/access-log.js';
import { Answers, handlePath, queryValues, tokenPaths } from './http/answer.js';
import { readLinkForm, type LinkForm } from './http/link-form.js';
import { recipientOf, sessionOf } from './http/recipient.js';
import { OpenLink } from './open-link.usecase.js';
import type { Opening } from './opening.js';
import { isPreviewRobot } from './preview-robots.js';
import type { LinkParts } from './read-link.js';
import { SendCode } from './send-code.usecase.js';

const linkPaths = [...tokenPaths, handlePath];

@Controller()
export class LandingController {
  constructor(
    private readonly openLink: OpenLink,
    private readonly exchangeLink: ExchangeLink,
    private readonly sendCode: SendCode,
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
  async open(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('handle') handle: string | undefined,
  ): Promise<void> {
    if (isPreviewRobot(request.headers['user-agent'])) return this.preview(request, reply);
    this.answers.opening(
      request,
      reply,
      await this.openLink.execute(partsOf(request, handle), false, sessionOf(request)),
    );
  }

  /** The form on the page of a link. It posts to the page's own address, which alone holds the link. */
  @Post(linkPaths)
  async submit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('handle') handle: string | undefined,
    @Body() body: unknown,
  ): Promise<void> {
    const form = readLinkForm(body);
    if (form?.action === 'language') this.answers.remember(request, reply, form.lang);
    if (isPreviewRobot(request.headers['user-agent'])) return this.preview(request, reply, form?.lang);
    const opening: Opening =
      form === undefined
        ? { kind: 'no-link', code: 'form-not-understood' }
        : await this.perform(form, request, reply, partsOf(request, handle));
    this.answers.opening(request, reply, opening, form?.lang);
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

  private perform(form: LinkForm, request: FastifyRequest, reply: FastifyReply, parts: LinkParts): Promise<Opening> {
    switch (form.action) {
      case 'open':
      case 'download':
        return this.exchangeLink.execute(parts, form.entry, recipientOf(request, reply));
      case 'send-code':
        return this.sendCode.execute(parts, recipientOf(request, reply).address);
      case 'have-code':
        return this.openLink.execute(parts, true, sessionOf(request));
      case 'language':
        return this.openLink.execute(parts, form.codeAsked, sessionOf(request));
    }
  }

  private preview(request: FastifyRequest, reply: FastifyReply, posted?: string): void {
    noteForLog(request.raw, { outcome: 'preview' });
    this.answers.page(request, reply, 200, 'preview', {}, { posted });
  }
}

function partsOf(request: FastifyRequest, handle: string | undefined): LinkParts {
  return { tokens: queryValues(request, 'token'), handle };
}
