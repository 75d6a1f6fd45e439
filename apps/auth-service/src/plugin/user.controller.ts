import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Profile } from '../platform/config/config.js';
import { AllowedTo } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { ResolveProfile } from '../users/index.js';
import { ProfileAnswer, ProfileBody } from './plugin.dto.js';
import { tokenOf } from './token-question.js';
import { WireReader, objectBody } from './wire.js';

@ApiTags('plugin')
@Controller('user')
export class UserController {
  constructor(private readonly resolveProfile: ResolveProfile) {}

  @Post('get-profile')
  @HttpCode(200)
  @AllowedTo({ scopes: ['plugin'], permissions: ['admin-permissions'] })
  @ApiOperation({
    operationId: 'getProfile',
    summary: 'Who is this?',
    description:
      'Name, permissions and authorized labels of the holder of a token. Whoever is not known gets the anonymous profile, so that the plugin can keep the answer.',
  })
  @ApiBody({ type: ProfileBody })
  @ApiResponse({ status: 200, description: 'The profile.', type: ProfileAnswer })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  profile(@Req() request: FastifyRequest, @Body() json: unknown): Profile {
    const body = objectBody(json);
    const reader = new WireReader();
    const question = { token: tokenOf(body, reader, request.headers.token), serverId: reader.text(body, 'server-id') };
    reader.text(body, 'user-id');
    reader.settle();
    return this.resolveProfile.execute(question);
  }
}
