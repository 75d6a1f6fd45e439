import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { VersionNumber } from '../../platform/http/versions.dto.js';
import { gateKinds } from '../share.js';
import { overLimits, policyBounds } from './share-policy-document.js';

const typeRemedy = { context: { remedy: 'send one of the types of token, or leave it out for all' } };

export class MySharePolicyQuery {
  /** One type of token; every one without it. */
  @ApiProperty({ required: false, maxLength: policyBounds.name, example: 'stone-viewer-publication' })
  @IsOptional()
  @IsString(typeRemedy)
  @MaxLength(policyBounds.name, typeRemedy)
  type?: string;
}

export class RestoreSharePolicyBody {
  /** The version whose policy comes into force again. */
  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  @VersionNumber()
  version: number;

  /** Why; kept in the history. */
  @ApiProperty({ required: false, minLength: 1, maxLength: 500, example: 'the clinic asked for longer links' })
  @IsOptional()
  @PlainText(1, 500)
  reason?: string;
}

const seconds = { type: 'integer', minimum: 1, maximum: policyBounds.seconds, nullable: true } as const;
const viewerList: ApiPropertyOptions = {
  type: [String],
  nullable: true,
  minItems: 1,
  description: 'Types whose viewer may be offered; null: every configured one.',
  example: ['stone-viewer-publication'],
};
const gateList = {
  enum: gateKinds,
  isArray: true,
  description: 'One of these is required; empty: none is.',
  example: ['pin', 'email-code'],
};

export class SharePolicyRuleDto {
  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: policyBounds.entries,
    description: 'Names of roles; `*` alone: everybody; `plugin`: who calls in the name of no user.',
    example: ['doctor-role'],
  })
  roles: readonly string[];

  @ApiProperty({
    type: [String],
    minItems: 1,
    maxItems: policyBounds.entries,
    description: 'Types of token; `*` alone: all.',
    example: ['*'],
  })
  types: readonly string[];

  @ApiProperty({ required: false, description: 'Whether links may be made at all.', example: true })
  mint?: boolean;

  @ApiProperty({
    ...seconds,
    required: false,
    description: 'Longest life in seconds; null: no maximum. A number also says `withoutExpiry: false`.',
    example: 2_592_000,
  })
  maxLife?: number | null;

  @ApiProperty({
    ...seconds,
    required: false,
    description: 'Seconds, where no expiry is asked for; at most `maxLife`.',
    example: 604_800,
  })
  defaultLife?: number | null;

  @ApiProperty({
    required: false,
    description: 'Whether a link may live without an end; `true` also says `maxLife: null`.',
    example: false,
  })
  withoutExpiry?: boolean;

  @ApiProperty({ ...gateList, required: false })
  gates?: readonly string[];

  @ApiProperty({ ...viewerList, required: false })
  viewers?: readonly string[] | null;

  @ApiProperty({ required: false, description: 'Whether the sharer must say why.', example: true })
  reasonRequired?: boolean;
}

/** What a rule does not say, it leaves to others; see `docs/adr/0010-share-policy.md`. */
export class SharePolicyDto {
  @ApiProperty({
    enum: overLimits,
    required: false,
    default: 'clamp',
    description:
      'What PUT /tokens/{type} and PUT /auth/tokens/{type} do with an expiry that is too late, or missing where there has to be one.',
    example: 'clamp',
  })
  overLimit: string;

  @ApiProperty({ type: [SharePolicyRuleDto], maxItems: policyBounds.rules, description: 'Their order has no meaning.' })
  rules: readonly SharePolicyRuleDto[];
}

export class PutSharePolicyBody {
  @ApiProperty({ type: SharePolicyDto })
  policy: SharePolicyDto;

  /** Why; kept in the history. */
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    minLength: 1,
    maxLength: 500,
    example: 'data protection officer, meeting of 20 November',
  })
  reason?: string | null;
}

export class SharePolicyHistoryEntryDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: '0: built in, nobody wrote one yet.', example: 3 })
  version: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T08:00:00.000Z' })
  madeAt: string | null;

  @ApiProperty({ description: '`built-in`, or who wrote it.', example: 'basic:admin' })
  madeBy: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: not told.', example: 'restored version 1' })
  reason: string | null;
}

export class SharePolicyVersionDto extends SharePolicyHistoryEntryDto {
  @ApiProperty({ type: SharePolicyDto })
  policy: SharePolicyDto;
}

export class SharePolicyHistoryDto {
  @ApiProperty({ type: [SharePolicyHistoryEntryDto] })
  items: SharePolicyHistoryEntryDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: '3',
  })
  next: string | null;
}

export class ShareLimitsDto {
  @ApiProperty({ example: 'stone-viewer-publication' })
  type: string;

  @ApiProperty({ description: 'Whether you may make links of this type at all.', example: true })
  mint: boolean;

  @ApiProperty({ ...seconds, description: 'Seconds; null: no maximum but SHARE_MAX_DURATION.', example: 2_592_000 })
  maxLife: number | null;

  @ApiProperty({ ...seconds, description: 'Seconds, where no expiry is asked for; null: none.', example: 604_800 })
  defaultLife: number | null;

  @ApiProperty({ description: 'Whether a link may live without an end.', example: false })
  withoutExpiry: boolean;

  @ApiProperty(gateList)
  gates: readonly string[];

  @ApiProperty(viewerList)
  viewers: readonly string[] | null;

  @ApiProperty({ description: 'Whether you must say why.', example: true })
  reasonRequired: boolean;
}

export class MySharePolicyDto {
  @ApiProperty({ enum: overLimits, example: 'clamp' })
  overLimit: string;

  @ApiProperty({ type: [ShareLimitsDto] })
  items: ShareLimitsDto[];
}
