import { Body, Controller, Get, Header, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { authorOf, checkedVersion, etagOf } from '../../platform/http/if-match.js';
import { MakesVersion } from '../../platform/http/makes-version.decorator.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { VersionsPageQuery } from '../../platform/http/versions.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { BrowseSharePolicy } from './browse-share-policy.usecase.js';
import { RestoreSharePolicy } from './restore-share-policy.usecase.js';
import { readSharePolicyBody } from './share-policy-body.js';
import {
  MySharePolicyDto,
  MySharePolicyQuery,
  PutSharePolicyBody,
  RestoreSharePolicyBody,
  SharePolicyHistoryDto,
  SharePolicyVersionDto,
} from './share-policy.dto.js';
import { noSuchSharePolicyVersion } from './share-policy.errors.js';
import { presentEntry, presentLimits, presentVersion } from './share-policy.presenter.js';
import { WriteSharePolicy } from './write-share-policy.usecase.js';

const administrators = { permissions: ['admin-permissions'] };
const auditorsToo = { permissions: ['admin-permissions', 'audit-logs'] };
/** The one that is built in. */
const firstVersion = 0;
@ApiTags('shares')
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached, or the policy is not loaded yet; nothing was changed.',
  type: ProblemDocument,
})
@Controller('api/v1/share-policy')
export class SharePolicyController {
  constructor(
    private readonly browse: BrowseSharePolicy,
    private readonly write: WriteSharePolicy,
    private readonly restorePolicy: RestoreSharePolicy,
  ) {}

  @Get()
  @AllowedTo({ permissions: ['share', 'admin-permissions'] })
  @ApiOperation({
    operationId: 'readSharePolicy',
    summary: 'Read the share policy',
    description: 'The rules in force: who may share by which type of token, for how long, behind which gate.',
  })
  @ApiResponse({ status: 200, description: 'The version in force; ETag is its number.', type: SharePolicyVersionDto })
  read(@Res({ passthrough: true }) reply: FastifyReply): SharePolicyVersionDto {
    return tagged(presentVersion(this.browse.inForceNow()), reply);
  }

  @Get('mine')
  @AllowedTo({ anyone: true })
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'readMySharePolicy',
    summary: 'What of the share policy applies to me?',
    description:
      'The rules merged for your roles, for one type of token or for each. Says nothing of permissions: sharing needs those too. SHARE_MAX_DURATION bounds every life besides.',
  })
  @ApiResponse({ status: 200, description: 'Your limits.', type: MySharePolicyDto })
  @ApiResponse({ status: 400, description: 'There is no such type of token.', type: ProblemDocument })
  mine(@Req() request: FastifyRequest, @Query() { type }: MySharePolicyQuery): MySharePolicyDto {
    return {
      overLimit: this.browse.inForceNow().document.overLimit,
      items: this.browse.applyingTo(callerOf(request), type ?? null).map(presentLimits),
    };
  }

  @Put()
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'replaceSharePolicy',
    summary: 'Replace the share policy',
    description:
      'In force at once, on every replica. Links that were minted before stay as they are. Members that are not known are refused. Earlier versions stay in the history.',
  })
  @MakesVersion(SharePolicyVersionDto)
  @ApiBody({ type: PutSharePolicyBody })
  @ApiResponse({ status: 400, description: 'The policy is not valid; every fault is named.', type: ProblemDocument })
  async replace(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SharePolicyVersionDto> {
    const { document, reason } = readSharePolicyBody(body);
    return tagged(presentVersion(await this.write.execute(document, authorOf(request, reason, firstVersion))), reply);
  }

  @Get('history')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'listSharePolicyHistory',
    summary: 'List the versions of the share policy, newest first',
    description: 'Who, when and why. Pages are stable while new versions come in.',
  })
  @ApiResponse({ status: 200, description: 'One page.', type: SharePolicyHistoryDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async history(@Query() query: VersionsPageQuery): Promise<SharePolicyHistoryDto> {
    const before = query.cursor === undefined ? null : Number(query.cursor);
    const { items, next } = await this.browse.history(query.limit, before);
    return { items: items.map(presentEntry), next: next === null ? null : String(next) };
  }

  @Get('history/:version')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'readSharePolicyVersion',
    summary: 'Read one version of the share policy',
    description: 'The rules as they were, with who made them and when.',
  })
  @ApiParam({ name: 'version', type: 'integer', example: 2 })
  @ApiResponse({ status: 200, description: 'The version.', type: SharePolicyVersionDto })
  @ApiResponse({ status: 404, description: 'No version has this number.', type: ProblemDocument })
  async version(@Param('version') version: string): Promise<SharePolicyVersionDto> {
    return presentVersion(await this.browse.version(checkedVersion(version, noSuchSharePolicyVersion)));
  }

  @Post('restore')
  @HttpCode(200)
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'restoreSharePolicy',
    summary: 'Put an old share policy in force again',
    description: 'Appends a further version with the old rules; the history only grows.',
  })
  @MakesVersion(SharePolicyVersionDto)
  @ApiResponse({
    status: 400,
    description: 'The body is not valid, or the old rules name a type of token that is gone.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 404, description: 'No version has this number.', type: ProblemDocument })
  async restore(
    @Req() request: FastifyRequest,
    @Body() body: RestoreSharePolicyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SharePolicyVersionDto> {
    const author = authorOf(request, body.reason ?? null, firstVersion);
    return tagged(presentVersion(await this.restorePolicy.execute(body.version, author)), reply);
  }
}

function tagged(version: SharePolicyVersionDto, reply: FastifyReply): SharePolicyVersionDto {
  reply.header('etag', etagOf(version.version));
  return version;
}
