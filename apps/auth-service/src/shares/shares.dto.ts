import { ApiProperty } from '@nestjs/swagger';
import { PlainText } from '../platform/http/plain-text.decorator.js';

export class RevokeShareBody {
  /** Why the share ends; kept in the record. */
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'sent to the wrong address' })
  @PlainText(1, 500)
  reason: string;
}

export class SharedResourceDto {
  @ApiProperty({ enum: ['patient', 'study', 'series', 'instance', 'system'], example: 'study' })
  level: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'PatientID, or Study, Series or SOP Instance UID, by level.',
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  dicomUid: string | null;

  @ApiProperty({ type: String, nullable: true, example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa' })
  orthancId: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  url: string | null;
}

export class ShareDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  id: string;

  @ApiProperty({ enum: ['live', 'expired', 'revoked'], example: 'live' })
  state: string;

  @ApiProperty({ example: 'stone-viewer-publication' })
  type: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The id that the plugin sent: a label, not unique.',
    example: 'demo-1',
  })
  label: string | null;

  @ApiProperty({
    enum: ['minted', 'adopted'],
    description: 'adopted: minted elsewhere with a key of ours, first seen here.',
    example: 'minted',
  })
  origin: string;

  @ApiProperty({ description: 'What the token is known by; never the token.', example: 'pPZ1VVnlD1pKFBz5bbyL5w' })
  fingerprint: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  serverId: string | null;

  @ApiProperty({ type: [SharedResourceDto] })
  resources: SharedResourceDto[];

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  mintedAt: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: not known.', example: 'basic:admin' })
  mintedBy: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'Null: never.',
    example: '2026-12-21T08:00:00.000Z',
  })
  expiresAt: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  revokedAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revokedBy: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revokeReason: string | null;
}

export class SharesPageDto {
  @ApiProperty({ type: [ShareDto] })
  items: ShareDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: 'AZqMyhNxcAC5vB3i1bYkJg',
  })
  next: string | null;
}
