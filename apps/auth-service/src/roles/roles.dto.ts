import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { PlainText } from '../platform/http/plain-text.decorator.js';
import { VersionNumber } from '../platform/http/versions.dto.js';

export class RolesDiffQuery {
  /** The older version. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 41 })
  @Type(() => Number)
  @VersionNumber()
  from: number;

  /** The newer version. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 42 })
  @Type(() => Number)
  @VersionNumber()
  to: number;
}

export class RestoreRolesBody {
  /** The version whose document comes into force again. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 41 })
  @VersionNumber()
  version: number;

  /** Why; kept in the history. */
  @ApiProperty({ required: false, minLength: 1, maxLength: 500, example: 'doctors lost the right to share' })
  @IsOptional()
  @PlainText(1, 500)
  reason?: string;
}

/** The document as permissions.json has it: its members keep their names. */
export class RolePermissionsDto {
  @ApiProperty({ type: [String], description: '`*`: every study; empty: none.', example: ['*'] })
  'authorized-labels': readonly string[];

  @ApiProperty({ type: [String], example: ['view', 'download', 'share'] })
  permissions: readonly string[];
}

export class RolesDocumentDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/RolePermissionsDto' },
    example: { 'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share'] } },
  })
  roles: Readonly<Record<string, RolePermissionsDto>>;

  @ApiProperty({ type: [String], required: false, description: 'Labels that may be created; empty: any.', example: [] })
  'available-labels': readonly string[];
}

export class StoredRoleDto extends RolePermissionsDto {
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description:
      'false: hidden from the list that Orthanc shows, and kept. null: not known, since Keycloak is not set up or does not answer.',
    example: true,
  })
  'known-to-keycloak': boolean | null;
}

export class StoredRolesDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/StoredRoleDto' },
    example: {
      'doctor-role': {
        'authorized-labels': ['*'],
        permissions: ['view', 'download', 'share'],
        'known-to-keycloak': true,
      },
    },
  })
  roles: Readonly<Record<string, StoredRoleDto>>;

  @ApiProperty({ type: [String], description: 'Labels that may be created; empty: any.', example: [] })
  'available-labels': readonly string[];

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Also in the header ETag, for If-Match.', example: 42 })
  version: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  madeAt: string;

  @ApiProperty({
    description: 'Who: `plugin:NAME` is a server whose plugin does not tell the person; `seed:…` is the first start.',
    example: 'basic:admin',
  })
  madeBy: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: not told.', example: 'restored version 41' })
  reason: string | null;
}

export class RolesVersionDto {
  @ApiProperty({ type: RolesDocumentDto })
  document: RolesDocumentDto;

  @ApiProperty({ type: 'integer', minimum: 1, example: 41 })
  version: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  madeAt: string;

  @ApiProperty({ example: 'basic:admin' })
  madeBy: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: not told.', example: null })
  reason: string | null;
}

export class RolesSummaryDto {
  @ApiProperty({ type: [String], description: 'Names of roles.', example: [] })
  added: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  removed: readonly string[];

  @ApiProperty({ type: [String], example: ['doctor-role'] })
  changed: readonly string[];

  @ApiProperty({ description: 'Whether the labels that may be created differ.', example: false })
  availableLabels: boolean;
}

export class RolesHistoryEntryDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 42 })
  version: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  madeAt: string;

  @ApiProperty({ example: 'basic:admin' })
  madeBy: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: not told.', example: null })
  reason: string | null;

  @ApiProperty({ type: RolesSummaryDto, description: 'Against the version before.' })
  changes: RolesSummaryDto;
}

export class RolesHistoryDto {
  @ApiProperty({ type: [RolesHistoryEntryDto] })
  items: RolesHistoryEntryDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: '41',
  })
  next: string | null;
}

export class ListDifferenceDto {
  @ApiProperty({ type: [String], example: ['share'] })
  added: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  removed: readonly string[];
}

export class RoleDifferenceDto {
  @ApiProperty({ example: 'doctor-role' })
  role: string;

  @ApiProperty({ enum: ['added', 'removed', 'changed'], example: 'changed' })
  change: string;

  @ApiProperty({ type: ListDifferenceDto })
  permissions: ListDifferenceDto;

  @ApiProperty({ type: ListDifferenceDto })
  authorizedLabels: ListDifferenceDto;
}

export class RolesDiffDto {
  @ApiProperty({ type: 'integer', example: 41 })
  from: number;

  @ApiProperty({ type: 'integer', example: 42 })
  to: number;

  @ApiProperty({ type: [RoleDifferenceDto], description: 'Roles that differ; order and duplicates do not count.' })
  roles: readonly RoleDifferenceDto[];

  @ApiProperty({ type: ListDifferenceDto })
  availableLabels: ListDifferenceDto;
}
