import { Body, Controller, Headers, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { DecodeShare, MintShare } from '../shares/index.js';
import { DecodeAnswer, DecodeBody, MintAnswer, MintBody, ValidateAnswer, ValidateBody } from './plugin.dto.js';
import { readIdempotencyKey } from '../platform/http/idempotency-key.js';
import { MintsShare } from './mints-share.decorator.js';
import { echoOf, readShareRequest } from './share-request.js';
import { ValidateRoute, validateAccess } from './validate.route.js';
import { tokenOf } from './token-question.js';
import { WireReader, objectBody } from './wire.js';

@ApiTags('plugin')
@ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
@Controller('tokens')
export class TokensController {
  constructor(
    private readonly mintShare: MintShare,
    private readonly decodeShare: DecodeShare,
    private readonly validateRoute: ValidateRoute,
  ) {}

  @Put(':type')
  @AllowedTo({ scopes: ['plugin'], permissions: ['share'] })
  @MintsShare({
    operationId: 'mintToken',
    summary: 'Mint a share token',
    description:
      'Registers the share, then answers its token and the address to hand out. Called by the authorization plugin as `WebServiceRootUrl/tokens/{type}`.',
    body: MintBody,
    answer: MintAnswer,
  })
  async mint(
    @Req() request: FastifyRequest,
    @Param('type') type: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<MintAnswer> {
    const asked = readShareRequest(body, type);
    const { share, token, url } = await this.mintShare.execute(
      asked,
      callerOf(request),
      readIdempotencyKey(key),
      'plugin',
    );
    return { request: echoOf(asked, share.expiresText, share.validityDuration), token, url };
  }

  @Post('validate')
  @HttpCode(200)
  @AllowedTo(validateAccess)
  @ApiOperation({
    operationId: 'validateToken',
    summary: 'May this token do this to this resource?',
    description: "The plugin's question. A bad token is no error: `granted` is false. Asks no database.",
  })
  @ApiBody({ type: ValidateBody })
  @ApiResponse({ status: 200, description: 'The verdict.', type: ValidateAnswer })
  validate(@Req() request: FastifyRequest, @Body() body: unknown): ValidateAnswer {
    const verdict = this.validateRoute.judge(body, request.headers, callerOf(request));
    request.outcome = verdict.reason;
    return { granted: verdict.granted, validity: verdict.validity };
  }

  @Post('decode')
  @HttpCode(200)
  @AllowedTo({ scopes: ['plugin', 'decode'], permissions: ['share'] })
  @ApiOperation({
    operationId: 'decodeToken',
    summary: 'What does this link open?',
    description: 'Changes nothing. A dead link is no error: see `error-code`.',
  })
  @ApiBody({ type: DecodeBody })
  @ApiResponse({ status: 200, description: 'What the link opens, or why it does not.', type: DecodeAnswer })
  async decode(@Req() request: FastifyRequest, @Body() json: unknown): Promise<DecodeAnswer> {
    const body = objectBody(json);
    const reader = new WireReader();
    const token = tokenOf(body, reader, request.headers.token);
    const serverId = reader.text(body, 'server-id');
    reader.settle();
    const decoded = await this.decodeShare.execute(token, serverId);
    request.outcome = decoded.reason ?? 'opens';
    return {
      'token-type': decoded.tokenType,
      'error-code': decoded.errorCode,
      'redirect-url': decoded.redirectUrl,
      resources: decoded.resources.map(({ level, dicomUid, orthancId, url }) => ({
        'dicom-uid': dicomUid,
        'orthanc-id': orthancId,
        url,
        level,
      })),
      reason: decoded.reason,
    };
  }
}
