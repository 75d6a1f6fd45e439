import { ApiProperty } from '@nestjs/swagger';
import { parseInstant } from '@warden/tokens';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { PageQuery } from '../../platform/http/page-query.dto.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { apiKeyStates } from './api-key.js';

/** Characters, and entries of one list. */
const limits = { name: 200, entry: 256, entries: 200 };
/** Seconds: seven days. */
const longestOverlap = 604_800;
/** Milliseconds since the epoch: the end of the last year that RFC 3339 can write. */
const endOfTime = 253_402_300_800_000;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/;

/** One line that PostgreSQL keeps as it is. */
function isLine(value: unknown, longest: number): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= longest &&
    !control.test(value) &&
    value.isWellFormed()
  );
}

const notALine = 'is missing, not a text, of the wrong length, or holds control or broken characters';

function Line(longest: number): PropertyDecorator {
  return ValidateBy(
    {
      name: 'line',
      validator: { validate: (value: unknown) => isLine(value, longest), defaultMessage: () => notALine },
    },
    { context: { remedy: `send one line of 1 to ${longest} characters` } },
  );
}

function Lines(): PropertyDecorator {
  const problemOf = (value: unknown): string | null => {
    if (!Array.isArray(value)) return 'is missing or not a list';
    if (value.length > limits.entries) return `holds more than ${limits.entries} entries`;
    const index = value.findIndex((entry) => !isLine(entry, limits.entry));
    return index === -1 ? null : `has an entry, number ${index + 1}, that ${notALine}`;
  };
  const validator = {
    validate: (value: unknown) => problemOf(value) === null,
    defaultMessage: (of?: ValidationArguments) => problemOf(of?.value) ?? '',
  };
  return ValidateBy(
    { name: 'lines', validator },
    {
      context: {
        remedy: `send a list of at most ${limits.entries} lines of 1 to ${limits.entry} characters, which may be empty`,
      },
    },
  );
}

/** What `valid` says of a member that depends on the kind of owner; says nothing where the kind itself is at fault. */
function OwnerMember(remedy: string, valid: (value: unknown, kind: 'user' | 'service') => boolean): PropertyDecorator {
  const validate = (value: unknown, of?: ValidationArguments): boolean => {
    const { kind } = (of?.object ?? {}) as { kind?: unknown };
    return kind === 'user' || kind === 'service' ? valid(value, kind) : true;
  };
  const validator = { validate, defaultMessage: () => 'is not valid for this kind of owner' };
  return ValidateBy({ name: 'ownerMember', validator }, { context: { remedy } });
}

function Expiry(): PropertyDecorator {
  const validate = (value: unknown): boolean => {
    const instant = typeof value === 'string' ? parseInstant(value) : null;
    return instant !== null && instant.epochMs < endOfTime;
  };
  return ValidateBy(
    { name: 'expiry', validator: { validate, defaultMessage: () => 'is not a date and time with a zone' } },
    { context: { remedy: 'send RFC 3339 with Z or an offset, as 2030-12-31T18:00:00Z, or leave it out' } },
  );
}

export class ApiKeyOwnerBody {
  @ApiProperty({ enum: ['user', 'service'], example: 'user' })
  @IsIn(['user', 'service'], { message: 'is not a known kind of owner', context: { remedy: 'send user or service' } })
  kind: 'user' | 'service';

  /** The issuer's id of the user (`sub`); a service has none. */
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    minLength: 1,
    maxLength: limits.entry,
    example: '6f1c2a52-5ad2-4f5e-9d38-3f3f8c1c6a0b',
  })
  @OwnerMember(
    `send the id of the user, one line of 1 to ${limits.entry} characters; leave it out for a service`,
    (value, kind) => (kind === 'user' ? isLine(value, limits.entry) : isAbsent(value)),
  )
  id?: string | null;

  /** Needed for a service, which is known by it; for people to read where it is a user's. */
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    minLength: 1,
    maxLength: limits.name,
    example: 'Dr. Ada Byron',
  })
  @OwnerMember(
    `send one line of 1 to ${limits.name} characters; it may be left out for a user`,
    (value, kind) => isLine(value, limits.name) || (kind === 'user' && isAbsent(value)),
  )
  name?: string | null;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

export class CreateApiKeyBody {
  /** What the key is for; shown as the name of whoever uses it. */
  @ApiProperty({ minLength: 1, maxLength: limits.name, example: 'nightly export' })
  @Line(limits.name)
  name: string;

  /** Whom the key belongs to. */
  @ApiProperty({ type: ApiKeyOwnerBody })
  @IsObject({
    message: 'is missing or not an object',
    context: { remedy: 'send {"kind": "user", "id"} or {"kind": "service", "name"}' },
  })
  @ValidateNested()
  @Type(() => ApiKeyOwnerBody)
  owner: ApiKeyOwnerBody;

  /** What the key may do, by known or custom names; only what you may do yourself. */
  @ApiProperty({ type: [String], maxItems: limits.entries, example: ['view', 'download'] })
  @Lines()
  permissions: string[];

  /** Labels whose studies the key may see, of those that you may see; `*`: every study; none: no study. */
  @ApiProperty({ type: [String], maxItems: limits.entries, example: ['radiology'] })
  @Lines()
  labels: string[];

  /** RFC 3339 with a zone, in the future. Absent: the key never expires. */
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    format: 'date-time',
    example: '2030-12-31T18:00:00Z',
  })
  @IsOptional()
  @Expiry()
  expiresAt?: string | null;
}

export class RotateApiKeyBody {
  /** For how long the secret before goes on working. */
  @ApiProperty({ type: 'integer', required: false, minimum: 0, maximum: longestOverlap, default: 0, example: 3600 })
  @IsOptional()
  @IsInt({ context: { remedy: `send a whole number from 0 to ${longestOverlap}` } })
  @Min(0, { context: { remedy: `send a whole number from 0 to ${longestOverlap}` } })
  @Max(longestOverlap, { context: { remedy: `send a whole number from 0 to ${longestOverlap} (seven days)` } })
  overlapSeconds?: number | null;
}

export class RevokeApiKeyBody {
  /** Why the key ends; kept in the record. */
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'left on a stolen laptop' })
  @PlainText(1, 500)
  reason: string;
}

const ownerForm = /^(user|service):(.+)$/s;

export class ListApiKeysQuery extends PageQuery {
  /** `user:` and the id of the user, or `service:` and the name of the service. */
  @ApiProperty({ required: false, example: 'service:nightly export' })
  @IsOptional()
  @ValidateBy(
    {
      name: 'owner',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isLine(ownerForm.exec(value)?.[2], limits.entry),
        defaultMessage: () => 'is not an owner',
      },
    },
    { context: { remedy: 'send user:<id of the user> or service:<name of the service>' } },
  )
  owner?: string;

  @ApiProperty({ required: false, enum: apiKeyStates, example: 'live' })
  @IsOptional()
  @IsIn(apiKeyStates, { message: 'is not a known state', context: { remedy: `send ${apiKeyStates.join(', ')}` } })
  state?: (typeof apiKeyStates)[number];
}

/** The owner of a query that was found valid. */
export function ownerOf(text: string | undefined): { kind: 'user' | 'service'; value: string } | null {
  const match = text === undefined ? null : ownerForm.exec(text);
  return match === null ? null : { kind: match[1] === 'user' ? 'user' : 'service', value: match[2] ?? '' };
}

export class ApiKeyOwnerDto {
  @ApiProperty({ enum: ['user', 'service'], example: 'service' })
  kind: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null for a service.', example: null })
  id: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'nightly export' })
  name: string | null;
}

export class ApiKeyDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  id: string;

  @ApiProperty({
    description: 'The beginning of the key, by which people recognise it; the same through all rotations.',
    example: 'owk_k7m2p9qrs4tu',
  })
  publicPart: string;

  @ApiProperty({ enum: apiKeyStates, example: 'live' })
  state: string;

  @ApiProperty({ example: 'nightly export' })
  name: string;

  @ApiProperty({ type: ApiKeyOwnerDto })
  owner: ApiKeyOwnerDto;

  @ApiProperty({ type: [String], example: ['view', 'download'] })
  permissions: string[];

  @ApiProperty({ type: [String], example: ['radiology'] })
  labels: string[];

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ example: 'basic:admin' })
  createdBy: string;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Null: never.',
    example: '2030-12-31T18:00:00.000Z',
  })
  expiresAt: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Written at most once a minute, so up to a minute behind. Null: not yet.',
    example: '2026-11-22T01:00:00.000Z',
  })
  lastUsedAt: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'The latest rotation. Null: none.',
    example: null,
  })
  rotatedAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  rotatedBy: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Until when the secret before the latest rotation works. Null: it does not.',
    example: null,
  })
  overlapEndsAt: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  revokedAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revokedBy: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revokeReason: string | null;
}

export class ShownApiKeyDto extends ApiKeyDto {
  @ApiProperty({
    description: 'The key itself. Shown here and never again: keep it now.',
    example: 'owk_k7m2p9qrs4tu_EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE-EXA',
  })
  key: string;
}

export class ApiKeysPageDto {
  @ApiProperty({ type: [ApiKeyDto] })
  items: ApiKeyDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: 'AZqMyhNxcAC5vB3i1bYkJg',
  })
  next: string | null;
}
