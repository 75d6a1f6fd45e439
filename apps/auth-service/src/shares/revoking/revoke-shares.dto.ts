import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { UnlessLeftOut } from '../../platform/http/given.decorator.js';
import { Instant } from '../../platform/http/instant.decorator.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { RevokeShareBody } from '../registry/shares.dto.js';

const orthancId = '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa';

/** A null would say nothing of whether all or none is meant. */
export class RevokeSharesBody extends RevokeShareBody {
  @ApiProperty({
    required: false,
    description: 'Study Instance UID: links that share this study, alone or among others.',
    maxLength: 256,
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  studyDicomUid?: string;

  @ApiProperty({
    required: false,
    description:
      'Orthanc id of the study. A link may carry one of the two ids only; with both members given, both must match, so send two requests to end either.',
    maxLength: 256,
    example: orthancId,
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  studyOrthancId?: string;

  @ApiProperty({
    required: false,
    description:
      'PatientID: links that share the patient, and known shares of images of the patient (with ORTHANC_URL); one that Orthanc was not asked about yet is ended when it is.',
    maxLength: 256,
    example: 'PAT-4711',
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  patient?: string;

  @ApiProperty({
    required: false,
    description:
      'A label of the study in Orthanc, which the plugin sends with its questions. Not in the registry: no share is marked, and the links are refused when they are used. Not with sharer, recipient or label.',
    maxLength: 256,
    example: 'do-not-share',
  })
  @UnlessLeftOut()
  @PlainText(1, 256)
  studyLabel?: string;

  @ApiProperty({ required: false, description: '`kid` of the key that signed.', maxLength: 64, example: 'qkJ0SRUmD8w' })
  @UnlessLeftOut()
  @PlainText(1, 64)
  keyId?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description:
      'Links minted before this moment, by whole seconds; one that does not say when it was minted counts as minted before. Left out, or in the future: all links that there are now.',
    example: '2026-12-01T00:00:00Z',
  })
  @UnlessLeftOut()
  @Instant()
  mintedBefore?: string;

  @ApiProperty({
    required: false,
    description:
      '`mintedBy` of shares. A link does not say who minted it: known shares are ended, and links of that person that were minted elsewhere and never seen here are not.',
    maxLength: 512,
    example: 'basic:doctor',
  })
  @UnlessLeftOut()
  @PlainText(1, 512)
  sharer?: string;

  @ApiProperty({
    required: false,
    description: 'E-mail address of the recipient in any case, or the name exactly; known shares alone.',
    maxLength: 254,
    example: 'jan.peeters@example.org',
  })
  @UnlessLeftOut()
  @PlainText(1, 254)
  recipient?: string;

  @ApiProperty({
    required: false,
    description: "The share's own `label`, exactly (not a label of the study). Known shares are ended, as by sharer.",
    maxLength: 4096,
    example: 'demo-1',
  })
  @UnlessLeftOut()
  @PlainText(1, 4096)
  label?: string;

  @ApiProperty({ required: false, default: false, description: 'true: count, and write nothing.', example: true })
  @UnlessLeftOut()
  @IsBoolean({ message: 'is not a boolean', context: { remedy: 'send true or false' } })
  dryRun?: boolean;
}

export class RevokedSharesDto {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The rule that stops links never seen here. Null: none, by sharer, by label and for a dry run.',
    example: '019a8cca-1371-7000-b9bc-1de2d5b62426',
  })
  ruleId: string | null;

  @ApiProperty({ description: 'Live shares that were marked as revoked, or would be.', example: 17 })
  revoked: number;

  @ApiProperty({ example: false })
  dryRun: boolean;
}

export class RevocationRuleDto {
  @ApiProperty({ format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' })
  id: string;

  @ApiProperty({ type: String, nullable: true, example: '1.2.276.0.7230010.3.1.2.1' })
  studyDicomUid: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  studyOrthancId: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  patient: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'A label of the study in Orthanc.', example: null })
  studyLabel: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  keyId: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  mintedBefore: string | null;

  @ApiProperty({ example: 'sent to the wrong clinic' })
  reason: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  madeAt: string;

  @ApiProperty({ example: 'basic:admin' })
  madeBy: string;
}

export class RevocationRulesPageDto {
  @ApiProperty({ type: [RevocationRuleDto] })
  items: RevocationRuleDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor`; null on the last page.',
    example: 'AZqMyhNxcAC5vB3i1bYkJg',
  })
  next: string | null;
}
