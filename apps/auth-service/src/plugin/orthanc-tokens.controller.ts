import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { stripBearer } from '@warden/tokens';
import type { FastifyRequest } from 'fastify';
import type { Profile } from '../platform/config/config.js';
import { AllowedTo, PublicRoute } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { DecodeShare, MintShare } from '../shares/index.js';
import { CallerProfile } from '../users/index.js';
import { readIdempotencyKey } from '../platform/http/idempotency-key.js';
import { MintsShare } from './mints-share.decorator.js';
import { readOrthancShareRequest } from './orthanc-share-request.js';
import { OrthancDecodeAnswer, OrthancDecodeBody, OrthancMintAnswer, OrthancMintBody } from './orthanc-tokens.dto.js';
import { ProfileAnswer } from './plugin.dto.js';
import { WireReader, objectBody } from './wire.js';

/** Orthanc's own addresses, which a proxy can send here instead, with the credentials of the user. */
@ApiTags('plugin')
@Controller('auth')
export class OrthancTokensController {
  constructor(
    private readonly mintShare: MintShare,
    private readonly decodeShare: DecodeShare,
    private readonly callerProfile: CallerProfile,
  ) {}

  // Which of the three a type asks for is decided with the labels, in one place.
  @Put('tokens/:type')
  @AllowedTo({ permissions: ['share', 'view', 'download'] })
  @MintsShare({
    operationId: 'mintOrthancToken',
    summary: 'Mint a share token, as Orthanc takes it',
    description:
      'For the user whose credentials are sent, who is recorded as the sharer. Needs `share`; `view` is enough for viewer-instant-link, `download` for download-instant-link. With ORTHANC_URL every study must exist and carry a label that the user may see. Members may be spelled as the plugin does.',
    body: OrthancMintBody,
    answer: OrthancMintAnswer,
  })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  async mint(
    @Req() request: FastifyRequest,
    @Param('type') type: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<OrthancMintAnswer> {
    const asked = readOrthancShareRequest(body, type);
    const { token, url } = await this.mintShare.execute(asked, callerOf(request), readIdempotencyKey(key), 'person');
    return { Token: token, Url: url ?? '' };
  }

  @Post('tokens/decode')
  @HttpCode(200)
  // Its caller is the page that a recipient opens, who has no other credentials.
  @PublicRoute('as on Orthanc: it tells the holder of a link what the link itself says')
  @ApiOperation({
    operationId: 'decodeOrthancToken',
    summary: 'What does this link open, as Orthanc answers it?',
    description: 'Changes nothing. A dead link is no error: see `ErrorCode`.',
  })
  @ApiBody({ type: OrthancDecodeBody })
  @ApiResponse({
    status: 200,
    description: 'What the link opens, or why it does not.',
    type: OrthancDecodeAnswer,
  })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  async decode(@Req() request: FastifyRequest, @Body() json: unknown): Promise<OrthancDecodeAnswer> {
    const body = objectBody(json);
    const reader = new WireReader();
    reader.text(body, 'TokenKey');
    const token = stripBearer(reader.text(body, 'TokenValue') ?? '');
    reader.settle();
    const decoded = await this.decodeShare.execute(token, null);
    request.outcome = decoded.reason ?? 'opens';
    const ids = (all: readonly (string | null)[]) => all.filter((one) => one !== null);
    return {
      RedirectUrl: decoded.redirectUrl ?? '',
      TokenType: decoded.tokenType ?? '',
      ErrorCode: decoded.errorCode ?? '',
      ResourcesDicomIds: ids(decoded.resources.map((one) => one.dicomUid)),
      ResourcesOrthancIds: ids(decoded.resources.map((one) => one.orthancId)),
    };
  }

  @Get('user/profile')
  @AllowedTo({ anyone: true })
  @ApiOperation({
    operationId: 'getOrthancProfile',
    summary: 'Who am I, as Orthanc answers it',
    description: 'The profile of the user whose credentials are sent, of the same form as that of get-profile.',
  })
  @ApiResponse({ status: 200, description: 'The profile.', type: ProfileAnswer })
  profile(@Req() request: FastifyRequest): Profile {
    return this.callerProfile.execute(callerOf(request));
  }
}
