import { ApiProperty } from '@nestjs/swagger';

const nullable = { type: String, nullable: true, required: false } as const;

/** Shapes for the OpenAPI document. The bodies themselves are read by hand: these routes are asked for every image. */
export class ResourceDto {
  @ApiProperty({ enum: ['patient', 'study', 'series', 'instance', 'system'], example: 'study' })
  level: string;

  @ApiProperty({
    ...nullable,
    description: 'PatientID, or Study, Series or SOP Instance UID, by level.',
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  'dicom-uid': string | null;

  @ApiProperty({ ...nullable, example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa' })
  'orthanc-id': string | null;

  @ApiProperty({ ...nullable, example: null })
  url: string | null;
}

export class MintBody {
  @ApiProperty({ ...nullable, description: 'A label of yours, not unique.', example: 'demo-1' })
  id?: string | null;

  @ApiProperty({ ...nullable, example: null })
  'server-id'?: string | null;

  @ApiProperty({
    ...nullable,
    description: 'Must equal the type in the address when present.',
    example: 'stone-viewer-publication',
  })
  type?: string | null;

  @ApiProperty({ type: [ResourceDto] })
  resources: ResourceDto[];

  @ApiProperty({
    ...nullable,
    format: 'date-time',
    description: 'ISO 8601 with a zone. Wins over validity-duration.',
    example: '2030-12-31T18:00:00Z',
  })
  'expiration-date'?: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    required: false,
    minimum: 0,
    description: 'Seconds; 0 is expired at once.',
    example: 604800,
  })
  'validity-duration'?: number | null;
}

export class MintEcho {
  @ApiProperty({ type: String, nullable: true, example: 'demo-1' })
  id: string | null;

  @ApiProperty({ type: [ResourceDto] })
  resources: ResourceDto[];

  @ApiProperty({ example: 'stone-viewer-publication' })
  type: string;

  @ApiProperty({ type: String, nullable: true, example: '2030-12-31T18:00:00Z' })
  'expiration-date': string | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  'validity-duration': number | null;
}

export class MintAnswer {
  @ApiProperty({ type: MintEcho, description: 'The request with every member, the expiry filled in.' })
  request: MintEcho;

  @ApiProperty({ example: 'eyJhbGciOiJIUzI1NiIs…' })
  token: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Null: the caller builds the address.',
    example: 'https://hospital.example/share/?token=eyJhbGciOiJIUzI1NiIs…',
  })
  url: string | null;
}

export class ValidateBody {
  @ApiProperty({ enum: ['get', 'post', 'put', 'delete'], example: 'get' })
  method: string;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    enum: ['patient', 'study', 'series', 'instance', 'system'],
    description: 'Null or absent: not compared.',
    example: 'study',
  })
  level?: string | null;

  @ApiProperty({ ...nullable, example: '1.2.276.0.7230010.3.1.2.1' })
  'dicom-uid'?: string | null;

  @ApiProperty({ ...nullable, example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa' })
  'orthanc-id'?: string | null;

  @ApiProperty({ ...nullable, description: 'System level only.', example: null })
  uri?: string | null;

  @ApiProperty({ ...nullable, example: 'token' })
  'token-key'?: string | null;

  @ApiProperty({
    ...nullable,
    description: 'May begin with `Bearer `. Without it the header `token` counts.',
    example: 'eyJhbGciOiJIUzI1NiIs…',
  })
  'token-value'?: string | null;

  @ApiProperty({ ...nullable, example: null })
  'server-id'?: string | null;

  @ApiProperty({
    type: [String],
    required: false,
    description: 'Labels of the resource, when it has some.',
    example: ['external'],
  })
  labels?: string[];
}

export class ValidateAnswer {
  @ApiProperty({ example: true })
  granted: boolean;

  @ApiProperty({ type: 'integer', minimum: 0, description: 'Seconds for which the answer may be kept.', example: 10 })
  validity: number;
}

export class DecodeBody {
  @ApiProperty({ ...nullable, example: 'token' })
  'token-key'?: string | null;

  @ApiProperty({ ...nullable, example: 'eyJhbGciOiJIUzI1NiIs…' })
  'token-value'?: string | null;

  @ApiProperty({ ...nullable, example: null })
  'server-id'?: string | null;
}

export class DecodeAnswer {
  @ApiProperty({ type: String, nullable: true, example: 'stone-viewer-publication' })
  'token-type': string | null;

  @ApiProperty({ type: String, nullable: true, enum: ['expired', 'invalid', 'unknown', null], example: null })
  'error-code': string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://hospital.example/orthanc/stone-webviewer/index.html?study=1.2&selectedStudies=1.2&token=eyJ…',
  })
  'redirect-url': string | null;

  @ApiProperty({ type: [ResourceDto], description: 'Empty for a token that would be refused.' })
  resources: ResourceDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    enum: ['expired', 'viewer-expired', 'revoked', 'gated', 'invalid', 'unknown', null],
    description: 'Finer than error-code; null when the link opens.',
    example: null,
  })
  reason?: string | null;
}

export class ProfileBody {
  @ApiProperty({ ...nullable, example: 'authorization' })
  'token-key'?: string | null;

  @ApiProperty({ ...nullable, example: 'Bearer eyJhbGciOiJSUzI1NiIs…' })
  'token-value'?: string | null;

  @ApiProperty({ ...nullable, description: 'Asks for a name by id, for an audit listing.', example: null })
  'user-id'?: string | null;

  @ApiProperty({ ...nullable, example: null })
  'server-id'?: string | null;
}

export class ProfileAnswer {
  @ApiProperty({ example: 'Anonymous' })
  name: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  'user-id': string | null;

  @ApiProperty({ type: [String], example: [] })
  permissions: string[];

  @ApiProperty({ type: [String], description: '`*`: every study.', example: [] })
  'authorized-labels': string[];

  @ApiProperty({ type: [String], nullable: true, example: [] })
  groups: string[] | null;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'Seconds; never 0, which the plugin would keep for ever.',
    example: 60,
  })
  validity: number;
}

export class RoleDto {
  @ApiProperty({ type: [String], example: ['*'] })
  'authorized-labels': string[];

  @ApiProperty({ type: [String], example: ['view', 'download', 'share'] })
  permissions: string[];
}

export class RolesBody {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/RoleDto' },
    example: { 'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share'] } },
  })
  roles: Record<string, RoleDto>;

  @ApiProperty({ type: [String], required: false, description: 'Labels that may be created; empty: any.', example: [] })
  'available-labels'?: string[];
}
