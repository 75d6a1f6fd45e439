import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { PlainText } from '../platform/http/plain-text.decorator.js';

const text = { context: { remedy: 'send a JSON string' } };
const levels = ['patient', 'study', 'series', 'instance', 'system'] as const;
const methods = ['get', 'post', 'put', 'delete'] as const;

export class RightsSourceDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The role; null: the credential itself (scopes of an API key, labels of an issuer, USERS).',
    example: 'doctor-role',
  })
  role: string | null;

  @ApiProperty({
    description: 'False: the roles document does not have this role, so it gives nothing.',
    example: true,
  })
  configured: boolean;

  @ApiProperty({ type: [String], example: ['view', 'download', 'share'] })
  permissions: string[];

  @ApiProperty({ type: [String], description: '`*`: every study.', example: ['*'] })
  labels: string[];
}

export class MeDto {
  @ApiProperty({ description: 'As the record names you.', example: 'keycloak:5b9a3a55-3c6e-4fb8-a5a0-0b6f5b3f6f8e' })
  id: string;

  @ApiProperty({ example: 'Doc Tor' })
  name: string;

  @ApiProperty({ enum: ['basic', 'bearer', 'api-key'], example: 'bearer' })
  via: string;

  @ApiProperty({
    type: [String],
    description: "Parts of the API that need no permission, such as the plugin's routes.",
    example: [],
  })
  scopes: string[];

  @ApiProperty({ type: [String], example: ['view', 'download', 'share'] })
  permissions: string[];

  @ApiProperty({ type: [String], description: '`*`: every study.', example: ['*'] })
  labels: string[];

  @ApiProperty({ type: [String], nullable: true, example: ['/radiology'] })
  groups: string[] | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T12:00:00.000Z' })
  expiresAt: string | null;

  @ApiProperty({ type: [RightsSourceDto] })
  sources: RightsSourceDto[];
}

export class ExplainSubject {
  /** An access token, or a share token. Never kept. */
  @ApiProperty({ required: false, example: 'eyJhbGciOiJSUzI1NiIs…' })
  @IsOptional()
  @IsString(text)
  @MaxLength(65_536)
  token?: string;

  /** An API key, of this service or of Keycloak. Never kept. */
  @ApiProperty({ required: false, example: 'owk_…' })
  @IsOptional()
  @IsString(text)
  @MaxLength(4_096)
  apiKey?: string;

  /** A user's id in Keycloak. */
  @ApiProperty({ required: false, example: '5b9a3a55-3c6e-4fb8-a5a0-0b6f5b3f6f8e' })
  @IsOptional()
  @PlainText(1, 256)
  userId?: string;

  /** Names of roles, as if somebody held just these. */
  @ApiProperty({ required: false, type: [String], example: ['external-role'] })
  @IsOptional()
  @IsArray({ context: { remedy: 'send a list of role names' } })
  @ArrayMaxSize(1_000)
  @IsString({ each: true, context: { remedy: 'send a list of role names' } })
  @MaxLength(256, { each: true })
  roles?: string[];

  /** Somebody without any token. */
  @ApiProperty({ required: false, enum: [true], example: true })
  @IsOptional()
  @IsIn([true], { context: { remedy: 'send true, or leave it out' } })
  anonymous?: true;
}

export class ExplainResource {
  @ApiProperty({ enum: levels, example: 'study' })
  @IsIn(levels, { context: { remedy: `send one of ${levels.join(', ')}` } })
  level: (typeof levels)[number];

  @ApiProperty({ required: false, type: String, nullable: true, example: '1.2.276.0.7230010.3.1.2.1' })
  @IsOptional()
  @IsString(text)
  @MaxLength(256)
  dicomUid?: string | null;

  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa',
  })
  @IsOptional()
  @IsString(text)
  @MaxLength(256)
  orthancId?: string | null;

  /** Labels of the study in Orthanc. */
  @ApiProperty({ required: false, type: [String], example: ['external'] })
  @IsOptional()
  @IsArray({ context: { remedy: 'send a list of labels' } })
  @ArrayMaxSize(1_000)
  @IsString({ each: true, context: { remedy: 'send a list of labels' } })
  labels?: string[];

  /** server-id that the asking Orthanc sends. */
  @ApiProperty({ required: false, type: String, nullable: true, example: null })
  @IsOptional()
  @IsString(text)
  @MaxLength(256)
  serverId?: string | null;
}

export class ExplainBody {
  @ApiProperty({ required: false, type: ExplainSubject, description: 'Exactly one member. Absent: yourself.' })
  @IsOptional()
  @IsObject({ context: { remedy: 'send an object with one member, or leave it out' } })
  @ValidateNested()
  @Type(() => ExplainSubject)
  subject?: ExplainSubject;

  @ApiProperty({ type: ExplainResource })
  @IsObject({ context: { remedy: 'send an object with the level' } })
  @ValidateNested()
  @Type(() => ExplainResource)
  resource: ExplainResource;

  @ApiProperty({ enum: methods, example: 'get' })
  @IsIn(methods, { context: { remedy: `send one of ${methods.join(', ')}` } })
  method: (typeof methods)[number];

  /** The permission that the plugin's table asks for the route; absent: view for get, modify for post and put, delete for delete. */
  @ApiProperty({ required: false, example: 'download' })
  @IsOptional()
  @PlainText(1, 256)
  permission?: string;
}

export class ExplainedRuleDto {
  @ApiProperty({ example: 'labels' })
  rule: string;

  @ApiProperty({ enum: ['passed', 'failed', 'not reached'], example: 'failed' })
  outcome: string;

  @ApiProperty({
    example:
      'The study carries no label; open are: external. Add a label to the study, or one of its labels (or *) to a role.',
  })
  says: string;
}

export class ExplanationDto {
  @ApiProperty({ example: false })
  granted: boolean;

  @ApiProperty({
    example:
      'Refused: The study carries no label; open are: external. Add a label to the study, or one of its labels (or *) to a role.',
  })
  summary: string;

  @ApiProperty({ type: [ExplainedRuleDto] })
  rules: ExplainedRuleDto[];

  @ApiProperty({ type: [String], nullable: true, description: 'Null for a share token.', example: ['view'] })
  permissions: string[] | null;

  @ApiProperty({ type: [String], nullable: true, example: ['external'] })
  labels: string[] | null;

  @ApiProperty({ type: [RightsSourceDto], nullable: true })
  sources: RightsSourceDto[] | null;
}
