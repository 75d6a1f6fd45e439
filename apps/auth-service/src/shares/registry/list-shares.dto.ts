import { orthancId } from '@warden/orthanc';
import { ApiProperty } from '@nestjs/swagger';
import { parseInstant } from '@warden/tokens';
import { IsIn, IsOptional } from 'class-validator';
import { Instant } from '../../platform/http/instant.decorator.js';
import { PageQuery } from '../../platform/http/page-query.dto.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { shareStates, type ShareState } from '../share.js';
import { type ImagesState, type ShareFilter, type ShareOrder, imagesStates } from '../shares.store.js';

const orders = ['-mintedAt', 'mintedAt'] as const;
const day = '2026-12-01T00:00:00Z';

/** Filters of the list of shares: all that are given must match. */
export class ListSharesQuery extends PageQuery {
  @ApiProperty({
    required: false,
    description: 'Study Instance UID or Orthanc id of a study that is shared as such, alone or among others.',
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  @IsOptional()
  @PlainText(1, 256)
  study?: string;

  @ApiProperty({
    required: false,
    description:
      'PatientID of a patient who is shared as a whole, or one of whose images is shared. The latter is known with ORTHANC_URL set, once Orthanc was asked, which is usually within two seconds of minting; `images=unresolved` lists what is not known yet.',
    example: 'PAT-4711',
  })
  @IsOptional()
  @PlainText(1, 256)
  patient?: string;

  @ApiProperty({
    required: false,
    description: '`mintedBy`, exactly. Without `admin-permissions` you see your own shares whatever you ask for.',
    example: 'basic:doctor',
  })
  @IsOptional()
  @PlainText(1, 512)
  sharer?: string;

  @ApiProperty({
    required: false,
    description: 'E-mail address of the recipient in any case, or the name exactly.',
    example: 'jan.peeters@example.org',
  })
  @IsOptional()
  @PlainText(1, 254)
  recipient?: string;

  @ApiProperty({ required: false, description: "The share's `label`, exactly.", example: 'demo-1' })
  @IsOptional()
  @PlainText(1, 4096)
  label?: string;

  @ApiProperty({ required: false, example: 'stone-viewer-publication' })
  @IsOptional()
  @PlainText(1, 256)
  type?: string;

  @ApiProperty({
    required: false,
    enum: imagesStates,
    description:
      'unresolved: Orthanc is still to be asked which studies are shared, or does not have all of them; see `GET /api/v1/shares/{id}/studies`.',
    example: 'unresolved',
  })
  @IsOptional()
  @IsIn(imagesStates, { message: 'is not a known state', context: { remedy: `send ${imagesStates.join(' or ')}` } })
  images?: ImagesState;

  @ApiProperty({ required: false, enum: shareStates, example: 'live' })
  @IsOptional()
  @IsIn(shareStates, { message: 'is not a known state', context: { remedy: `send ${shareStates.join(', ')}` } })
  state?: ShareState;

  @ApiProperty({ required: false, format: 'date-time', description: 'At this moment or later.', example: day })
  @IsOptional()
  @Instant()
  mintedAfter?: string;

  @ApiProperty({ required: false, format: 'date-time', description: 'Before this moment.', example: day })
  @IsOptional()
  @Instant()
  mintedBefore?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'At this moment or later; a share that never expires counts.',
    example: day,
  })
  @IsOptional()
  @Instant()
  expiresAfter?: string;

  @ApiProperty({ required: false, format: 'date-time', description: 'Before this moment.', example: day })
  @IsOptional()
  @Instant()
  expiresBefore?: string;

  @ApiProperty({
    required: false,
    enum: orders,
    default: '-mintedAt',
    description: 'By the moment of minting, newest first with a minus. Keep it from page to page.',
    example: '-mintedAt',
  })
  @IsOptional()
  @IsIn(orders, { message: 'is not a known order', context: { remedy: `send ${orders.join(' or ')}` } })
  sort: (typeof orders)[number] = '-mintedAt';
}

/** As Orthanc makes its ids; anything else is the UID of DICOM. */

/** The filter of a query that was found valid, at the moment `now`. */
export function filterOf(query: ListSharesQuery, now: number): ShareFilter {
  const { study, patient, sharer, recipient, label, type, state } = query;
  return {
    ...(study === undefined ? {} : orthancId.test(study) ? { studyOrthancId: study } : { studyDicomUid: study }),
    patientId: patient,
    images: query.images,
    mintedBy: sharer,
    recipient,
    label,
    type,
    state: state === undefined ? undefined : { is: state, now },
    mintedAfter: momentOf(query.mintedAfter),
    mintedBefore: momentOf(query.mintedBefore),
    expiresAfter: momentOf(query.expiresAfter),
    expiresBefore: momentOf(query.expiresBefore),
  };
}

export function orderOf({ sort }: ListSharesQuery): ShareOrder {
  return sort === 'mintedAt' ? 'oldest-first' : 'newest-first';
}

/** Milliseconds since the epoch of a moment that was found valid. */
export function momentOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseInstant(text)?.epochMs;
}
