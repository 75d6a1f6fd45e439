import { ApiProperty } from '@nestjs/swagger';

const nullable = { type: String, nullable: true, required: false } as const;

export class OrthancResourceDto {
  @ApiProperty({ enum: ['patient', 'study', 'series', 'instance'], example: 'study' })
  Level: string;

  @ApiProperty({
    ...nullable,
    description: 'PatientID, or Study, Series or SOP Instance UID, by level.',
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  DicomUid?: string | null;

  @ApiProperty({ ...nullable, example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa' })
  OrthancId?: string | null;
}

export class OrthancMintBody {
  @ApiProperty({ ...nullable, description: 'A label of yours, not unique.', example: 'demo-1' })
  ID?: string | null;

  @ApiProperty({ type: [OrthancResourceDto] })
  Resources: OrthancResourceDto[];

  @ApiProperty({
    ...nullable,
    format: 'date-time',
    description: 'ISO 8601 with a zone. Wins over ValidityDuration.',
    example: '2030-12-31T18:00:00Z',
  })
  ExpirationDate?: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    required: false,
    minimum: 0,
    description: 'Seconds; 0 is expired at once.',
    example: 604800,
  })
  ValidityDuration?: number | null;
}

export class OrthancMintAnswer {
  @ApiProperty({ example: 'eyJhbGciOiJIUzI1NiIs…' })
  Token: string;

  @ApiProperty({
    description: 'Empty: the caller builds the address.',
    example: 'https://hospital.example/share/?token=eyJhbGciOiJIUzI1NiIs…',
  })
  Url: string;
}

export class OrthancDecodeBody {
  @ApiProperty({ ...nullable, example: 'token' })
  TokenKey?: string | null;

  @ApiProperty({ ...nullable, description: 'May begin with `Bearer `.', example: 'eyJhbGciOiJIUzI1NiIs…' })
  TokenValue?: string | null;
}

/** Orthanc answers an empty text for what there is not. */
export class OrthancDecodeAnswer {
  @ApiProperty({ example: 'https://hospital.example/orthanc/stone-webviewer/index.html?study=1.2&token=eyJ…' })
  RedirectUrl: string;

  @ApiProperty({ example: 'stone-viewer-publication' })
  TokenType: string;

  @ApiProperty({ enum: ['expired', 'invalid', 'unknown', ''], example: '' })
  ErrorCode: string;

  @ApiProperty({ type: [String], example: ['1.2.276.0.7230010.3.1.2.1'] })
  ResourcesDicomIds: string[];

  @ApiProperty({ type: [String], example: ['0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa'] })
  ResourcesOrthancIds: string[];
}
