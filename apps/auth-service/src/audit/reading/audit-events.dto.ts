import { ApiProperty } from '@nestjs/swagger';
import { eventActorKinds, eventClasses, eventNames, eventOutcomes } from '@warden/events';
import { countings } from './audit-events.store.js';

const noon = '2026-11-21T08:00:00.000Z';

export class AuditActorDto {
  @ApiProperty({
    enum: eventActorKinds,
    description: 'recipient: whoever opened the link, known by nothing else. system: the service itself.',
    example: 'user',
  })
  kind: string;

  @ApiProperty({
    description: 'The identity of the share for a recipient, who has no other.',
    example: 'keycloak:6f1c2d9e-0b7a-4e35-9d41-2f8c5a7b9e10',
  })
  id: string;

  @ApiProperty({ description: 'For people; may be empty.', example: 'Dr. Ada' })
  name: string;
}

export class AuditShareDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  id: string;

  @ApiProperty({ description: 'What the token is known by; never the token.', example: 'pPZ1VVnlD1pKFBz5bbyL5w' })
  identity: string;

  @ApiProperty({ example: 'stone-viewer-publication' })
  type: string;

  @ApiProperty({
    type: [String],
    description: "Study Instance UIDs; Orthanc's id where the UID is not known.",
    example: ['1.2.276.0.7230010.3.1.2.1'],
  })
  studies: readonly string[];

  @ApiProperty({ type: [String], description: 'PatientIDs.', example: ['PAT-4711'] })
  patients: readonly string[];
}

export class AuditEventDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62427' })
  id: string;

  @ApiProperty({ format: 'date-time', description: 'When it happened.', example: noon })
  at: string;

  @ApiProperty({
    format: 'date-time',
    description:
      'What lists are ordered by, and `from` and `to` look at: `at`, but no earlier than a day before it was recorded and no later than then.',
    example: noon,
  })
  filedAt: string;

  @ApiProperty({
    enum: eventClasses,
    description: 'Which chain it stands in, and how long it is kept.',
    example: 'disclosure',
  })
  class: string;

  @ApiProperty({ enum: eventNames, description: 'What happened.', example: 'share.opened' })
  event: string;

  @ApiProperty({ type: AuditActorDto })
  actor: AuditActorDto;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Network address of who asked; null: not known, or erased.',
    example: '203.0.113.7',
  })
  address: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the browser or program calls itself, cut to 512 characters; null: not known, or erased.',
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  })
  userAgent: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'As in the access log; null: nobody asked.',
    example: '4f0c-1a',
  })
  requestId: string | null;

  @ApiProperty({
    type: AuditShareDto,
    nullable: true,
    description: 'Null: it is about no share, or about one that the registry does not know.',
  })
  share: AuditShareDto | null;

  @ApiProperty({
    enum: eventOutcomes,
    description: 'The codes 0, 4, 8 and 12 of DICOM audit messages, in words.',
    example: 'success',
  })
  outcome: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Code of why something was refused; null: nothing to tell.',
    example: null,
  })
  reason: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What else there is to tell, by event. Moments are RFC 3339.',
    example: { viewer: 'stone-viewer-publication', session: 'b5x0Yk3s9a7c', counted: true, opens: 1 },
  })
  detail: Readonly<Record<string, unknown>>;

  @ApiProperty({
    description:
      'Names, addresses, PatientIDs and words of people were erased from it, and are blank. The chain still proves the rest.',
    example: false,
  })
  erased: boolean;
}

export class AuditEventsPageDto {
  @ApiProperty({ type: [AuditEventDto] })
  items: AuditEventDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: 'AAZEVCxYgAABmoyhNxcAC5vB3i1bYkJg',
  })
  next: string | null;
}

export class AuditCountDto {
  @ApiProperty({ description: 'A day (UTC), the name of an event, or the id of an actor.', example: '2026-11-21' })
  key: string;

  @ApiProperty({ example: 42 })
  count: number;
}

export class AuditStatisticsDto {
  @ApiProperty({ enum: countings, example: 'day' })
  by: string;

  @ApiProperty({
    format: 'date-time',
    description: 'Counted from this moment on.',
    example: '2026-11-01T00:00:00.000Z',
  })
  from: string;

  @ApiProperty({ format: 'date-time', description: 'Counted before this moment.', example: '2026-12-01T00:00:00.000Z' })
  to: string;

  @ApiProperty({ description: 'All that match.', example: 42 })
  total: number;

  @ApiProperty({
    type: [AuditCountDto],
    description: 'Days in their order, without those on which nothing happened; else the largest first, at most 3660.',
  })
  items: AuditCountDto[];
}
