import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../platform/errors/domain-error.js';
import { PublicRoute } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { ApiDescription } from './api-description.js';

const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'start.js': 'text/javascript; charset=utf-8',
};

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>orthanc-warden API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body><div id="swagger-ui"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body>
</html>
`;
const script = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true });\n`;
/** Swagger UI sets styles from script; nothing is loaded from anywhere else. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

@ApiTags('operations')
@Controller()
export class DocsController {
  constructor(private readonly description: ApiDescription) {}

  @Get('openapi.json')
  @PublicRoute('describes the product, not the installation')
  @ApiOperation({
    operationId: 'openapi',
    summary: 'This document',
    description: 'OpenAPI 3.0, the same file that the release carries.',
  })
  @ApiResponse({ status: 200, description: 'The document.', schema: { type: 'object' } })
  async openapi(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('application/json; charset=utf-8').send(this.description.text());
  }

  @Get('docs')
  @PublicRoute('describes the product, not the installation')
  @ApiOperation({
    operationId: 'docs',
    summary: 'Swagger UI',
    description: 'The document as a page to read and try; SWAGGER_UI=false closes it.',
  })
  @ApiResponse({ status: 200, description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } })
  @ApiResponse({ status: 404, description: 'Closed by SWAGGER_UI=false.', type: ProblemDocument })
  async docs(@Res() reply: FastifyReply): Promise<void> {
    this.requireOpen();
    await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('x-content-type-options', 'nosniff')
      .send(page);
  }

  @Get('docs/:file')
  @PublicRoute('parts of the page above')
  @ApiOperation({
    operationId: 'docsFile',
    summary: 'Parts of Swagger UI',
    description: 'Style and script of the page.',
  })
  @ApiParam({ name: 'file', example: 'swagger-ui.css' })
  @ApiResponse({ status: 200, description: 'The file.', content: { '*/*': { schema: { type: 'string' } } } })
  @ApiResponse({ status: 404, description: 'No such part, or closed by SWAGGER_UI=false.', type: ProblemDocument })
  async file(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    this.requireOpen();
    const type = Object.hasOwn(types, file) ? types[file] : undefined;
    if (type === undefined) throw new DomainError('no-such-route', 'See /openapi.json for the routes.');
    const content = file === 'start.js' ? script : readFileSync(join(swaggerUi(), file));
    await reply.type(type).header('x-content-type-options', 'nosniff').send(content);
  }

  private requireOpen(): void {
    if (!this.description.swaggerUi) throw new DomainError('no-such-route', 'SWAGGER_UI=false closes this page.');
  }
}

function swaggerUi(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
