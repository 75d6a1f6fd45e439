import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { UnlessLeftOut } from '../../platform/http/given.decorator.js';
import { Instant } from '../../platform/http/instant.decorator.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';

/** A null would say nothing of whether all or none is meant. */
export class EraseEventsBody {
  @ApiProperty({
    required: false,
    description:
      'PatientID, exactly: events that name this patient, alone or among others, and readings of the record that asked for this patient.',
    maxLength: 256,
    example: 'PAT-4711',
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  patient?: string;

  @ApiProperty({
    required: false,
    description: 'Id of who caused it, exactly. The id itself stays in the record.',
    maxLength: 256,
    example: 'keycloak:6f1c2d9e-0b7a-4e35-9d41-2f8c5a7b9e10',
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  actor?: string;

  @ApiProperty({
    required: false,
    description: 'Network address, exactly as it was recorded.',
    maxLength: 64,
    example: '203.0.113.7',
  })
  @UnlessLeftOut()
  @PlainText(1, 64)
  address?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'At this moment or later, by `filedAt`.',
    example: '2026-11-01T00:00:00Z',
  })
  @UnlessLeftOut()
  @Instant()
  from?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Before this moment, by `filedAt`.',
    example: '2026-12-01T00:00:00Z',
  })
  @UnlessLeftOut()
  @Instant()
  to?: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 500,
    description: 'Why. It stays in the record for good and cannot be erased: name nobody in it.',
    example: 'request 2026-114, granted',
  })
  @PlainText(1, 500)
  reason: string;

  @ApiProperty({ required: false, default: false, description: 'true: count, and erase nothing.', example: true })
  @UnlessLeftOut()
  @IsBoolean({ message: 'is not a boolean', context: { remedy: 'send true or false' } })
  dryRun?: boolean;
}

export class ErasureDto {
  @ApiProperty({ description: 'Events that no longer say who somebody is, or would not.', example: 17 })
  erased: number;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The event that tells of it, `audit.erased`. Null: nothing was erased.',
    example: '019a8cca-1371-7000-b9bc-1de2d5b62427',
  })
  eventId: string | null;

  @ApiProperty({ example: false })
  dryRun: boolean;
}
