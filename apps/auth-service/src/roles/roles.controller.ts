import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowedTo } from '../platform/http/access.decorator.js';
import { authorOf, checkedVersion, etagOf } from '../platform/http/if-match.js';
import { maxBodyBytes } from '../platform/http/json-body.js';
import { MakesVersion } from '../platform/http/makes-version.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { VersionsPageQuery } from '../platform/http/versions.dto.js';
import { TextBody } from '../platform/http/text-body.decorator.js';
import { BrowseRoles } from './browse-roles.usecase.js';
import { RestoreRoles } from './restore-roles.usecase.js';
import type { DescribedVersion } from './role-history.js';
import { readRolesBody, readRolesText } from './roles-text.js';
import {
  RestoreRolesBody,
  RolePermissionsDto,
  RolesDiffDto,
  RolesDiffQuery,
  RolesDocumentDto,
  RolesHistoryDto,
  RolesHistoryEntryDto,
  RolesVersionDto,
  StoredRoleDto,
  StoredRolesDto,
} from './roles.dto.js';
import { noSuchRolesVersion } from './roles.errors.js';
import { presentEntry, presentFile, presentStored, presentVersion } from './roles.presenter.js';
import { WriteRoles } from './write-roles.usecase.js';

const administrators = { permissions: ['admin-permissions'] };
const auditorsToo = { permissions: ['admin-permissions', 'audit-logs'] };
@ApiTags('roles')
@ApiExtraModels(RolePermissionsDto, StoredRoleDto)
@ApiResponse({
  status: 503,
  description: 'The database cannot be reached, or the roles are not loaded yet; nothing was changed.',
  type: ProblemDocument,
})
@Controller('api/v1/roles')
export class RolesController {
  constructor(
    private readonly browse: BrowseRoles,
    private readonly write: WriteRoles,
    private readonly restoreRoles: RestoreRoles,
  ) {}

  @Get()
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'readStoredRoles',
    summary: 'Read the whole roles document',
    description:
      'Every stored role, those too that Orthanc does not show because Keycloak does not have them. Members of the document are named as in permissions.json.',
  })
  @ApiResponse({ status: 200, description: 'The version in force; ETag is its number.', type: StoredRolesDto })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<StoredRolesDto> {
    const { version, realm } = await this.browse.whole();
    reply.header('etag', etagOf(version.version));
    return presentStored(version, realm);
  }

  @Put()
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'replaceStoredRoles',
    summary: 'Replace the whole roles document',
    description:
      'Hidden roles too: what is left out is gone from the new version. The answer of GET may be sent back as it is. Earlier versions stay in the history.',
  })
  @MakesVersion(RolesHistoryEntryDto)
  @ApiBody({ type: RolesDocumentDto })
  @ApiResponse({ status: 400, description: 'The document is not valid; every fault is named.', type: ProblemDocument })
  @ApiResponse({ status: 409, description: 'No role would hold admin-permissions.', type: ProblemDocument })
  async replace(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RolesHistoryEntryDto> {
    const author = authorOf(request, null);
    return written(await this.write.execute(readRolesBody(body), author), reply);
  }

  @Get('history')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'listRolesHistory',
    summary: 'List the versions, newest first',
    description:
      'Who, when, why, and which roles changed against the version before. Pages are stable while new versions come in.',
  })
  @ApiResponse({ status: 200, description: 'One page.', type: RolesHistoryDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async history(@Query() query: VersionsPageQuery): Promise<RolesHistoryDto> {
    const before = query.cursor === undefined ? null : Number(query.cursor);
    const { items, next } = await this.browse.history(query.limit, before);
    return { items: items.map(presentEntry), next: next === null ? null : String(next) };
  }

  @Get('history/:version')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'readRolesVersion',
    summary: 'Read one version',
    description: 'The document as it was, with who made it and when.',
  })
  @ApiParam({ name: 'version', type: 'integer', example: 41 })
  @ApiResponse({ status: 200, description: 'The version.', type: RolesVersionDto })
  @ApiResponse({ status: 404, description: 'No version has this number.', type: ProblemDocument })
  async version(@Param('version') version: string): Promise<RolesVersionDto> {
    return presentVersion(await this.browse.version(checkedVersion(version, noSuchRolesVersion)));
  }

  @Get('diff')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'compareRolesVersions',
    summary: 'Compare two versions',
    description: 'Per role the permissions and labels that came and went, and the labels that may be created.',
  })
  @ApiResponse({ status: 200, description: 'What differs.', type: RolesDiffDto })
  @ApiResponse({ status: 400, description: 'A query member is missing or not valid.', type: ProblemDocument })
  @ApiResponse({ status: 404, description: 'No version has one of these numbers.', type: ProblemDocument })
  async diff(@Query() { from, to }: RolesDiffQuery): Promise<RolesDiffDto> {
    return { from, to, ...(await this.browse.difference(from, to)) };
  }

  @Post('restore')
  @HttpCode(200)
  @AllowedTo(administrators)
  @ApiOperation({
    operationId: 'restoreRoles',
    summary: 'Put an old version in force again',
    description: 'Appends a further version with the old document; the history only grows.',
  })
  @MakesVersion(RolesHistoryEntryDto)
  @ApiResponse({ status: 400, description: 'The version or the reason is not valid.', type: ProblemDocument })
  @ApiResponse({ status: 404, description: 'No version has this number.', type: ProblemDocument })
  @ApiResponse({ status: 409, description: 'No role would hold admin-permissions.', type: ProblemDocument })
  async restore(
    @Req() request: FastifyRequest,
    @Body() body: RestoreRolesBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RolesHistoryEntryDto> {
    const author = authorOf(request, body.reason ?? null);
    return written(await this.restoreRoles.execute(body.version, author), reply);
  }

  @Get('export')
  @AllowedTo(auditorsToo)
  @ApiOperation({
    operationId: 'exportRoles',
    summary: 'Download the roles as permissions.json',
    description: 'The whole document in force, as a file that import reads back as the same document.',
  })
  @ApiResponse({ status: 200, description: 'The file.', type: RolesDocumentDto })
  async export(@Res() reply: FastifyReply): Promise<void> {
    const { version, document } = this.browse.inForceNow();
    await reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', 'attachment; filename="permissions.json"')
      .header('etag', etagOf(version))
      .send(presentFile(document, maxBodyBytes));
  }

  @Post('import')
  @HttpCode(200)
  @AllowedTo(administrators)
  @TextBody()
  @ApiOperation({
    operationId: 'importRoles',
    summary: 'Put a permissions.json in force',
    description:
      'The text of the file as it is: comments and trailing commas are legal, and so is the old form, a list of permissions for each role, which may then see every study. Replaces the whole document.',
  })
  @MakesVersion(RolesHistoryEntryDto)
  @ApiConsumes('application/json', 'text/plain')
  @ApiBody({ type: RolesDocumentDto })
  @ApiResponse({
    status: 400,
    description: 'The text is not valid; every fault is named with its line.',
    type: ProblemDocument,
  })
  @ApiResponse({ status: 409, description: 'No role would hold admin-permissions.', type: ProblemDocument })
  async import(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RolesHistoryEntryDto> {
    const author = authorOf(request, 'imported');
    return written(await this.write.execute(readRolesText(typeof body === 'string' ? body : ''), author), reply);
  }
}

function written(made: DescribedVersion, reply: FastifyReply): RolesHistoryEntryDto {
  reply.header('etag', etagOf(made.version.version));
  return presentEntry(made);
}
