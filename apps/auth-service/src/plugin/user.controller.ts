import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
  @ApiResponse({
    status: 200,
    description: 'The profile; `null` for a user id that Keycloak does not have.',
    type: ProfileAnswer,
  })
  @ApiResponse({
    status: 503,
    description: 'The issuer of the token does not answer and its keys are not known; the plugin keeps no such answer.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  async profile(@Req() request: FastifyRequest, @Body() json: unknown, @Res() reply: FastifyReply): Promise<void> {
    const body = objectBody(json);
    const reader = new WireReader();
    const question = {
      tokenKey: reader.text(body, 'token-key'),
      token: tokenOf(body, reader, request.headers.token),
      userId: reader.text(body, 'user-id'),
      serverId: reader.text(body, 'server-id'),
    };
    reader.settle();
    const profile = await this.resolveProfile.execute(question);
    // The framework would answer an empty body for null; the plugin parses what it gets.
    await reply.type('application/json; charset=utf-8').send(JSON.stringify(profile));
  }
}
