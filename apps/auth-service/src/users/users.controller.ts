import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { holds } from '@warden/permissions';
import { stripBearer } from '@warden/tokens';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError, invalidInput } from '../platform/errors/domain-error.js';
import { AllowedTo } from '../platform/http/access.decorator.js';
import type { Caller } from '../platform/http/caller.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { callerOf } from '../platform/http/request-hooks.js';
import { isIdentified } from './callers.js';
import { Explain, type Subject } from './explain.usecase.js';
import type { RightsSource } from './rights.js';
import { ExplainBody, ExplainSubject, ExplanationDto, MeDto } from './users.dto.js';

@ApiTags('users')
@Controller('api/v1')
export class UsersController {
  constructor(private readonly explainAccess: Explain) {}

  @Get('me')
  @AllowedTo({ anyone: true })
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getMe',
    summary: 'Who am I, and what may I do?',
    description: 'Effective permissions and labels of these credentials, and where each comes from.',
  })
  @ApiResponse({ status: 200, description: 'You.', type: MeDto })
  @ApiResponse({ status: 503, description: 'The issuer of the credentials does not answer.', type: ProblemDocument })
  me(@Req() request: FastifyRequest): MeDto {
    const caller = callerOf(request);
    const { id, name, via, scopes, permissions, labels } = caller;
    const identity = isIdentified(caller) ? caller.identity : null;
    const expiresAt = identity?.expiresAt ?? null;
    return {
      id,
      name,
      via,
      scopes: [...scopes],
      permissions: [...permissions],
      labels: [...labels],
      groups: identity?.groups == null ? null : [...identity.groups],
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      sources: sourcesOf(caller).map(presentSource),
    };
  }

  @Post('explain')
  @HttpCode(200)
  @AllowedTo({ anyone: true })
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'explainAccess',
    summary: 'Why 403?',
    description:
      'The decision that the plugin would get for a token, or make for a user from the profile that it gets, rule by rule, by the same code that decides. Of yourself without `subject`; of others with `admin-permissions`. Tokens and keys are not kept, and not logged.',
  })
  @ApiResponse({ status: 200, description: 'The explanation.', type: ExplanationDto })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  @ApiResponse({ status: 404, description: 'Keycloak has no such user.', type: ProblemDocument })
  @ApiResponse({ status: 503, description: 'The issuer or the directory does not answer.', type: ProblemDocument })
  async explain(@Req() request: FastifyRequest, @Body() body: ExplainBody): Promise<ExplanationDto> {
    const { resource, method, permission = null } = body;
    const { granted, summary, rules, rights } = await this.explainAccess.execute({
      subject: subjectOf(body.subject, callerOf(request)),
      permission,
      access: {
        level: resource.level,
        method,
        dicomUid: resource.dicomUid ?? null,
        orthancId: resource.orthancId ?? null,
        labels: resource.labels ?? null,
        serverId: resource.serverId ?? null,
      },
    });
    return {
      granted,
      summary,
      rules: rules.map((rule) => ({ ...rule })),
      permissions: rights === null ? null : [...rights.permissions],
      labels: rights === null ? null : [...rights.labels],
      sources: rights === null ? null : rights.sources.map(presentSource),
    };
  }
}

function sourcesOf(caller: Caller): readonly RightsSource[] {
  if (isIdentified(caller)) return caller.rights.sources;
  const { permissions, labels } = caller;
  return [{ role: null, configured: true, permissions, labels }];
}

function presentSource({ role, configured, permissions, labels }: RightsSource): MeDto['sources'][number] {
  return { role, configured, permissions: [...permissions], labels: [...labels] };
}

/** Of oneself anybody may ask; of others only who may change roles. */
function subjectOf(given: ExplainSubject | null | undefined, caller: Caller): Subject {
  if (given === undefined || given === null) {
    const own = { permissions: caller.permissions, labels: caller.labels };
    return {
      kind: 'identity',
      identity: isIdentified(caller) ? caller.identity : { name: caller.name, roles: [], own },
    };
  }
  const { token, apiKey, userId, roles, anonymous } = given;
  const subjects: Subject[] = [
    // As it is copied from a request, so it is taken.
    ...(token == null ? [] : [{ kind: 'token' as const, text: stripBearer(token.trim()) }]),
    ...(apiKey == null ? [] : [{ kind: 'api-key' as const, text: apiKey }]),
    ...(userId == null ? [] : [{ kind: 'user' as const, userId }]),
    ...(roles == null ? [] : [{ kind: 'roles' as const, roles }]),
    ...(anonymous == null ? [] : [{ kind: 'anonymous' as const }]),
  ];
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) {
    const remedy = 'give exactly one of token, apiKey, userId, roles, anonymous';
    throw invalidInput([{ field: 'subject', problem: `holds ${subjects.length} members`, remedy }]);
  }
  if (!holds(caller.permissions, 'admin-permissions'))
    throw new DomainError('not-allowed', 'Explaining the access of others needs admin-permissions; leave subject out.');
  return subject;
}
