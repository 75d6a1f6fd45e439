import { ApiProperty } from '@nestjs/swagger';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { gateKinds, shareStates } from '../share.js';

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

export class ShareRecipientDto {
  @ApiProperty({ type: String, nullable: true, example: 'Dr. Jan Peeters' })
  name: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'jan.peeters@example.org' })
  email: string | null;
}

export class ShareDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  id: string;

  @ApiProperty({
    enum: shareStates,
    description: 'closed: nobody new comes in, viewers that run go on; see closedBy.',
    example: 'live',
  })
  state: string;

  @ApiProperty({ type: String, nullable: true, enum: ['locked', 'used-up', null], example: null })
  closedBy: string | null;

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

  @ApiProperty({ type: String, nullable: true, description: 'Of the sharer, for people.', example: 'Dr. Ada Vermeer' })
  mintedByName: string | null;

  @ApiProperty({ type: ShareRecipientDto, nullable: true })
  recipient: ShareRecipientDto | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was shared.', example: 'second opinion' })
  reason: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Code of HL7 v3 PurposeOfUse.', example: 'TREAT' })
  purposeOfUse: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'fr' })
  language: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  notBefore: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: as many as have the link.', example: 3 })
  maxOpens: number | null;

  @ApiProperty({ description: 'Recipients who came in by our landing page.', example: 1 })
  opens: number;

  @ApiProperty({ type: String, nullable: true, enum: [...gateKinds, null], example: 'pin' })
  gate: string | null;

  @ApiProperty({
    enum: ['token', 'gated-token', 'opaque'],
    description: 'token: the link itself is the key. Else it is exchanged on our landing page.',
    example: 'opaque',
  })
  link: string;

  @ApiProperty({
    type: [String],
    description: 'Types whose viewers the recipient may choose among.',
    example: ['stone-viewer-publication'],
  })
  viewers: string[];

  @ApiProperty({ description: 'Whether the archive is offered too.', example: false })
  download: boolean;

  @ApiProperty({ description: 'The images may be looked at and not taken away.', example: false })
  noArchive: boolean;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  lockedAt: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    format: 'uuid',
    description: 'The share that this one was made from.',
    example: null,
  })
  replaces: string | null;

  @ApiProperty({ description: 'Grows with each change; the ETag.', example: 1 })
  revision: number;

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
