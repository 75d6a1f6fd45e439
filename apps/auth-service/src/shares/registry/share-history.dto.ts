import { ApiProperty } from '@nestjs/swagger';
import { type EventName, eventActorKinds, eventNames, eventOutcomes } from '@warden/events';

/** Further uses (`access.granted`) are in the record, and too many to be read here. */
function isOfShares(name: EventName): boolean {
  return name.startsWith('share.') || name === 'access.disclosed' || name === 'access.denied';
}

export class EventActorDto {
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

export class ShareEventDto {
  @ApiProperty({
    format: 'date-time',
    description: 'When it happened. An expiry is recorded within a minute, and tells the moment of the expiry.',
    example: '2026-11-21T08:00:00.000Z',
  })
  at: string;

  @ApiProperty({ enum: eventNames.filter(isOfShares), description: 'What happened.', example: 'share.revoked' })
  event: string;

  @ApiProperty({ type: EventActorDto })
  actor: EventActorDto;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Network address of who asked; null: not known.',
    example: '203.0.113.7',
  })
  address: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the browser or program calls itself, cut to 512 characters; null: not known.',
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  })
  userAgent: string | null;

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
    description:
      'By event. share.created: way, expiresAt, notBefore, gate, maxOpens, recipient, purposeOfUse, why, replaces. share.opened: viewer, session, counted, opens. share.locked: attempts. share.changed: changes, each with member, from, to. share.revoked: why, ruleId. The others: nothing.',
    example: { why: 'sent to the wrong address', ruleId: null },
  })
  detail: Readonly<Record<string, unknown>>;
}

export class ShareHistoryDto {
  @ApiProperty({ type: [ShareEventDto] })
  items: ShareEventDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: 'AZqMyhNxcAC5vB3i1bYkJg',
  })
  next: string | null;
}
