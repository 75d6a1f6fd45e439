import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { parseInstant } from '@warden/tokens';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { checkedId, cursorOf, idOfCursor } from '../../platform/http/cursor.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { Clock } from '../../platform/time/clock.js';
import type { ApiKeyOwner } from './api-key.js';
import { presentApiKey, presentShownApiKey } from './api-key.presenter.js';
import {
  ApiKeyDto,
  type ApiKeyOwnerBody,
  ApiKeysPageDto,
  CreateApiKeyBody,
  ListApiKeysQuery,
  RevokeApiKeyBody,
  RotateApiKeyBody,
  ShownApiKeyDto,
  ownerOf,
} from './api-keys.dto.js';
import { apiKeyNotFound } from './api-keys.errors.js';
import { BrowseApiKeys } from './browse-api-keys.usecase.js';
import { CreateApiKey } from './create-api-key.usecase.js';
import { RevokeApiKey } from './revoke-api-key.usecase.js';
import { RotateApiKey } from './rotate-api-key.usecase.js';

const administrators = { permissions: ['admin-permissions'] };
const idParam = { name: 'id', format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' };

@ApiTags('api-keys')
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached; nothing was changed.',
  type: ProblemDocument,
})
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly createKey: CreateApiKey,
    private readonly browse: BrowseApiKeys,
    private readonly rotateKey: RotateApiKey,
    private readonly revokeKey: RevokeApiKey,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'createApiKey',
    summary: 'Make an API key',
    description:
      'The key is in `key` of this answer and is never shown again; only its SHA-256 is kept. Without `expiresAt` it never expires: it works until it is revoked. It may do and see only what you may. Accepted here at once, by every replica within a second. There is no Idempotency-Key, because a key is shown once: when the answer was lost, revoke the key that the list shows and make another.',
  })
  @ApiResponse({ status: 201, description: 'The key, with its text.', type: ShownApiKeyDto })
  @ApiResponse({ status: 400, description: 'A member of the body is not valid.', type: ProblemDocument })
  @ApiResponse({
    status: 403,
    description:
      'These credentials may not do this, or the key could do more than they can; the permission or label is named.',
    type: ProblemDocument,
  })
  async create(@Req() request: FastifyRequest, @Body() body: CreateApiKeyBody): Promise<ShownApiKeyDto> {
    const expiry = body.expiresAt ?? null;
    const shown = await this.createKey.execute(callerOf(request), {
      name: body.name,
      owner: asOwner(body.owner),
      permissions: body.permissions,
      labels: body.labels,
      expiresAt: expiry === null ? null : (parseInstant(expiry)?.epochMs ?? null),
    });
    return presentShownApiKey(shown, this.clock.now());
  }

  @Get()
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List API keys, newest first',
    description:
      "Everyone's keys, in any state unless you ask for one. Pages are stable while new keys come in. Never a key itself. `lastUsedAt` is written at most once a minute.",
  })
  @ApiResponse({ status: 200, description: 'One page.', type: ApiKeysPageDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async list(@Query() query: ListApiKeysQuery): Promise<ApiKeysPageDto> {
    const { keys, next } = await this.browse.list({
      owner: ownerOf(query.owner),
      state: query.state ?? null,
      limit: query.limit,
      before: query.cursor === undefined ? null : idOfCursor(query.cursor),
    });
    const now = this.clock.now();
    return { items: keys.map((key) => presentApiKey(key, now)), next: next === null ? null : cursorOf(next) };
  }

  @Get(':id')
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'getApiKey',
    summary: 'Look at one API key',
    description:
      'Whose it is, what it may do, until when, and when it was last used, which is written at most once a minute. Never the key itself.',
  })
  @ApiParam(idParam)
  @ApiResponse({ status: 200, description: 'The key, without its text.', type: ApiKeyDto })
  @ApiResponse({ status: 404, description: 'No API key has this id.', type: ProblemDocument })
  async find(@Param('id') id: string): Promise<ApiKeyDto> {
    return presentApiKey(await this.browse.find(checkedId(id, apiKeyNotFound)), this.clock.now());
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'rotateApiKey',
    summary: 'Give an API key another secret',
    description:
      'The new key is in `key` of this answer and is never shown again. The one before works for `overlapSeconds` more, at most seven days; without it, it ends at once. Another rotation within the overlap ends the oldest, so at most two work at a time. Public part, permissions, labels and expiry stay. A key that may do more than you is not rotated by you.',
  })
  @ApiParam(idParam)
  @ApiBody({ type: RotateApiKeyBody, required: false })
  @ApiResponse({ status: 200, description: 'The key, with its new text.', type: ShownApiKeyDto })
  @ApiResponse({ status: 400, description: 'The overlap is not valid.', type: ProblemDocument })
  @ApiResponse({
    status: 403,
    description:
      'These credentials may not do this, or the key can do more than they can; the permission or label is named.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 404, description: 'No API key has this id.', type: ProblemDocument })
  @ApiResponse({ status: 409, description: 'The key is revoked or expired.', type: ProblemDocument })
  async rotate(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() body: RotateApiKeyBody,
  ): Promise<ShownApiKeyDto> {
    const shown = await this.rotateKey.execute(
      callerOf(request),
      checkedId(id, apiKeyNotFound),
      body.overlapSeconds ?? 0,
    );
    return presentShownApiKey(shown, this.clock.now());
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'revokeApiKey',
    summary: 'End an API key',
    description:
      'Refused here at once, by every replica within a second, whichever of its secrets is used. Revoking twice keeps the first reason.',
  })
  @ApiParam(idParam)
  @ApiResponse({ status: 200, description: 'The key, revoked.', type: ApiKeyDto })
  @ApiResponse({ status: 400, description: 'The reason is missing or not valid.', type: ProblemDocument })
  @ApiResponse({ status: 404, description: 'No API key has this id.', type: ProblemDocument })
  async revoke(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() body: RevokeApiKeyBody,
  ): Promise<ApiKeyDto> {
    return presentApiKey(
      await this.revokeKey.execute(callerOf(request), checkedId(id, apiKeyNotFound), body.reason),
      this.clock.now(),
    );
  }
}

function asOwner({ kind, id, name }: ApiKeyOwnerBody): ApiKeyOwner {
  return kind === 'user' ? { kind, id: id ?? '', name: name ?? null } : { kind, name: name ?? '' };
}
