import { Body, Controller, Get, HttpCode, Post, Put, Req, Res, applyDecorators } from '@nestjs/common';
import { type WireRolesDocument, holds, toWire } from '@warden/permissions';
import { ApiBody, ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../platform/http/access.decorator.js';
import type { Caller } from '../platform/http/caller.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { ReadRoles, ReplaceRoles, readRolesBody } from '../roles/index.js';
import { RoleDto, RolesBody } from './plugin.dto.js';

const rolesAccess = { scopes: ['plugin'], permissions: ['admin-permissions'] } as const;

@ApiTags('plugin')
@ApiExtraModels(RoleDto)
@Controller('settings')
export class SettingsController {
  constructor(
    private readonly readRoles: ReadRoles,
    private readonly replaceRoles: ReplaceRoles,
  ) {}

  @Get('roles')
  @AllowedTo(rolesAccess)
  @ApiOperation({
    operationId: 'getRoles',
    summary: 'Read the roles',
    description:
      'Roles with their permissions and authorized labels, and the labels that may be created. With Keycloak, each role that it has, configured or not; while it is down, the stored roles.',
  })
  @ApiResponse({ status: 200, description: 'The document in force.', type: RolesBody })
  @ApiResponse({
    status: 503,
    description: 'The roles have not been read from the database yet.',
    type: ProblemDocument,
  })
  async roles(): Promise<WireRolesDocument> {
    return toWire(await this.readRoles.execute());
  }

  @Put('roles')
  @ReplacesRoles('putRoles', 'Replace the roles')
  async replace(@Req() request: FastifyRequest, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.replaceRoles.execute(readRolesBody(body), authorOf(callerOf(request)));
    // The framework would answer an empty body; the plugin parses what it gets.
    await reply.type('application/json; charset=utf-8').send('null');
  }

  @Post('roles')
  @HttpCode(200)
  @ReplacesRoles('postRoles', 'Replace the roles (as PUT, for scripts of old installations)')
  post(@Req() request: FastifyRequest, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    return this.replace(request, body, reply);
  }
}

/** The plugin passes on no person: then all that is known is whose server it is. */
function authorOf(caller: Caller): Caller {
  if (holds(caller.permissions, 'admin-permissions')) return caller;
  return { ...caller, id: `plugin:${caller.id.replace(/^basic:/, '')}` };
}

/** Access and description, the same for PUT and its alias POST. */
function ReplacesRoles(operationId: string, summary: string): MethodDecorator {
  return applyDecorators(
    AllowedTo(rolesAccess),
    ApiOperation({
      operationId,
      summary,
      description:
        'Replaces the document; stored roles that Keycloak does not have, and that GET therefore leaves out, are kept, and so are the earlier versions. Unknown permission names are legal. Answers `null`.',
    }),
    ApiBody({ type: RolesBody }),
    ApiResponse({
      status: 200,
      description: 'Replaced; the body is `null`.',
      schema: { nullable: true, example: null },
    }),
    ApiResponse({
      status: 400,
      description: 'The document is not valid; every fault is named.',
      type: ProblemDocument,
    }),
    ApiResponse({ status: 409, description: 'No role would hold admin-permissions.', type: ProblemDocument }),
    ApiResponse({
      status: 503,
      description: 'The database cannot be reached; nothing was changed.',
      type: ProblemDocument,
    }),
  );
}
