import { ApiProperty } from '@nestjs/swagger';
import {
  type EventClass,
  type EventName,
  type EventOutcome,
  eventClasses,
  eventNames,
  eventOutcomes,
} from '@warden/events';
import { parseInstant } from '@warden/tokens';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import { Instant } from '../../platform/http/instant.decorator.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { type AuditFilter, type Counting, countings } from './audit-events.store.js';
import { IsEventCursor } from './event-cursor.js';

const known = (what: string, words: readonly string[]) => ({
  message: `is not a known ${what}`,
  context: { remedy: `send ${words.join(', ')}` },
});
const wholeNumber = { context: { remedy: 'send a whole number from 1 to 500' } };

/** Time, of all that reads the record. */
export class AuditPeriodQuery {
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'At this moment or later, by `filedAt`.',
    example: '2026-11-01T00:00:00Z',
  })
  @IsOptional()
  @Instant()
  from?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Before this moment, by `filedAt`.',
    example: '2026-12-01T00:00:00Z',
  })
  @IsOptional()
  @Instant()
  to?: string;
}

/** What can be counted: all filters that an index knows. All that are given must match. */
export class AuditCountableQuery extends AuditPeriodQuery {
  @ApiProperty({
    required: false,
    description:
      'Id of who caused it, exactly: `basic:…`, `keycloak:…`, `key:…`; the identity of the share of a recipient.',
    example: 'basic:doctor',
  })
  @IsOptional()
  @PlainText(1, 256)
  actor?: string;

  @ApiProperty({
    required: false,
    description:
      'PatientID of any patient that the event names, exactly. What was recorded before the archive told whose a study is names none: search by study, or ask for the disclosures of the patient, who is looked up there.',
    example: 'PAT-4711',
  })
  @IsOptional()
  @PlainText(1, 256)
  patient?: string;

  @ApiProperty({
    required: false,
    description: "Study Instance UID of any study that it is about; Orthanc's id where the event tells that one.",
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  @IsOptional()
  @PlainText(1, 256)
  study?: string;

  @ApiProperty({ required: false, format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  @IsOptional()
  @Matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
    message: 'is not the id of a share',
    context: { remedy: 'send the id that GET /api/v1/shares tells' },
  })
  share?: string;

  @ApiProperty({
    required: false,
    isArray: true,
    enum: eventNames,
    description: 'One of these: several are separated by commas, or given one by one.',
    example: ['share.opened', 'share.sent'],
  })
  @IsOptional()
  @Transform(({ value }) => listOf(value))
  @IsIn(eventNames, { each: true, ...known('event', eventNames) })
  event?: EventName[];

  @ApiProperty({
    required: false,
    enum: eventClasses,
    description:
      'management: what was done. disclosure: images, or the key to them, went to somebody. access: each further use. denial: what was refused.',
    example: 'disclosure',
  })
  @IsOptional()
  @IsIn(eventClasses, known('class', eventClasses))
  class?: EventClass;

  @ApiProperty({ required: false, enum: eventOutcomes, example: 'minor-failure' })
  @IsOptional()
  @IsIn(eventOutcomes, known('outcome', eventOutcomes))
  outcome?: EventOutcome;

  @ApiProperty({ required: false, description: 'Network address, exactly as it was recorded.', example: '203.0.113.7' })
  @IsOptional()
  @PlainText(1, 64)
  address?: string;
}

/** Filters of the record. */
export class AuditFilterQuery extends AuditCountableQuery {
  @ApiProperty({
    required: false,
    description:
      'Stands anywhere in the stored text of the event, in any case. No index knows it: narrow the search by the other filters too.',
    example: 'wrong address',
  })
  @IsOptional()
  @PlainText(1, 256)
  text?: string;
}

/** Filters, and which page. */
export class ListAuditEventsQuery extends AuditFilterQuery {
  /** How many entries a page holds. */
  @ApiProperty({ required: false, minimum: 1, maximum: 500, default: 50, example: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt(wholeNumber)
  @Min(1, wholeNumber)
  @Max(500, wholeNumber)
  limit: number = 50;

  /** The `next` of the page before. */
  @ApiProperty({ required: false, example: 'AAZEVCxYgAABmoyhNxcAC5vB3i1bYkJg' })
  @IsOptional()
  @IsEventCursor()
  cursor?: string;
}

export class AuditStatisticsQuery extends AuditCountableQuery {
  @ApiProperty({ enum: countings, description: 'What one count is of.', example: 'day' })
  @IsIn(countings, known('way to count', countings))
  by: Counting;
}

export class DisclosuresQuery extends AuditPeriodQuery {
  @ApiProperty({ description: 'PatientID, exactly.', example: 'PAT-4711' })
  @PlainText(1, 256)
  patient: string;
}

function listOf(value: unknown): unknown {
  const several: unknown[] = Array.isArray(value) ? value : [value];
  return several.flatMap((one) => (typeof one === 'string' ? one.split(',') : [one]));
}

/** The filter of a query whose members were found valid. */
export function auditFilterOf(query: AuditFilterQuery): AuditFilter {
  const { actor, patient, study, share, event, class: kind, outcome, address, text } = query;
  return {
    ...periodOf(query),
    actor,
    patient,
    study,
    share: share?.toLowerCase(),
    events: event === undefined ? undefined : [...new Set(event)],
    class: kind,
    outcome,
    address,
    text,
  };
}

/** Milliseconds since the epoch. */
export function periodOf({ from, to }: AuditPeriodQuery): { from?: number; to?: number } {
  const period = { from: momentOf(from), to: momentOf(to) };
  if (period.from !== undefined && period.to !== undefined && period.from >= period.to)
    throw invalidInput([endsBeforeItBegins]);
  return {
    ...(period.from === undefined ? {} : { from: period.from }),
    ...(period.to === undefined ? {} : { to: period.to }),
  };
}

const endsBeforeItBegins: FieldFault = {
  field: 'from',
  problem: 'is not before to',
  remedy: 'send a from that is earlier than to, or leave one of them out',
};

function momentOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseInstant(text)?.epochMs;
}
