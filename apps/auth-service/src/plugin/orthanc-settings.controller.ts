import { Body, Controller, Get, Put, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type WireRolesDocument, toWire } from '@warden/permissions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { ReadRoles, ReplaceRoles, readRolesBody } from '../roles/index.js';
import { RoleDto, RolesBody } from './plugin.dto.js';

/** People only: the plugin has routes of its own, and a change that comes this way has a name. */
const administrators = { permissions: ['admin-permissions'] };

/** Orthanc's own address for the roles, which a proxy can send here instead, with the credentials of the user. */
@ApiTags('roles')
@ApiExtraModels(RoleDto)
@Controller('auth/settings')
export class OrthancSettingsController {
  constructor(
    private readonly readRoles: ReadRoles,
    private readonly replaceRoles: ReplaceRoles,
  ) {}

  @Get('roles')
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'getOrthancRoles',
    summary: 'Read the roles, as Orthanc answers it',
    description: 'The same document as GET /settings/roles, for the user whose credentials are sent.',
  })
  @ApiResponse({ status: 200, description: 'The roles that can be given to people.', type: RolesBody })
  @ApiResponse({
    status: 503,
    description: 'The roles have not been read from the database yet.',
    type: ProblemDocument,
  })
  async roles(): Promise<WireRolesDocument> {
    return toWire(await this.readRoles.execute());
  }

  @Put('roles')
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'putOrthancRoles',
    summary: 'Replace the roles, as Orthanc takes it',
    description:
      'As PUT /settings/roles; the history then has the name of the user. Stored roles that Keycloak does not have are kept. Answers `null`.',
  })
  @ApiBody({ type: RolesBody })
  @ApiResponse({
    status: 200,
    description: 'Replaced; the body is `null`.',
    schema: { nullable: true, example: null },
  })
  @ApiResponse({ status: 400, description: 'The document is not valid; every fault is named.', type: ProblemDocument })
  @ApiResponse({ status: 409, description: 'No role would hold admin-permissions.', type: ProblemDocument })
  @ApiResponse({
    status: 503,
    description: 'The database cannot be reached; nothing was changed.',
    type: ProblemDocument,
  })
  async replace(@Req() request: FastifyRequest, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.replaceRoles.execute(readRolesBody(body), callerOf(request));
    // The framework would answer an empty body; the user interface parses what it gets.
    await reply.type('application/json; charset=utf-8').send('null');
  }
}
