import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { RESOURCE_LEVELS, type ResourceLevel } from '@warden/tokens';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { isMailAddress, mailLanguages } from '../../emails/index.js';
import { IfGiven, UnlessLeftOut } from '../../platform/http/given.decorator.js';
import { Instant } from '../../platform/http/instant.decorator.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { purposesOfUse } from './purpose-of-use.js';
import { type GateKind, gateKinds } from '../share.js';
import { ShareDto } from '../registry/shares.dto.js';

const mostResources = 500;
const mostOpens = 10_000;
const hundredYears = 100 * 365 * 24 * 3600;

function OneOf(values: readonly string[]): PropertyDecorator {
  return IsIn(values, {
    message: 'is not one of those known',
    context: { remedy: `send one of ${values.join(', ')}` },
  });
}

function WholeNumber(least: number, most: number): PropertyDecorator {
  const remedy = {
    message: 'is not such a number',
    context: { remedy: `send a whole number from ${least} to ${most}` },
  };
  return (target, key) => [IsInt(remedy), Min(least, remedy), Max(most, remedy)].forEach((one) => one(target, key));
}

function MailAddress(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && isMailAddress(value),
    defaultMessage: () => 'is not an e-mail address',
  };
  return ValidateBy({ name: 'mailAddress', validator }, { context: { remedy: 'send one such as jane@example.org' } });
}

/** A text that no terminal and no header takes for more than a text; `lines`: it may have several. */
function CleanText(shortest: number, longest: number, lines: 'one-line' | 'lines' = 'one-line'): PropertyDecorator {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const control = lines === 'lines' ? /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/ : /[\u0001-\u001f\u007f]/;
  const validator = {
    validate: (value: unknown) => typeof value !== 'string' || !control.test(value),
    defaultMessage: () => 'holds a control character',
  };
  const clean = ValidateBy({ name: 'cleanText', validator }, { context: { remedy: 'leave it out' } });
  return (target, key) => [PlainText(shortest, longest), clean].forEach((one) => one(target, key));
}

const TrueOrFalse = () => IsBoolean({ message: 'is not true or false', context: { remedy: 'send true or false' } });

export class RecipientBody {
  @ApiProperty({ type: String, nullable: true, required: false, maxLength: 200, example: 'Dr. Jan Peeters' })
  @IfGiven()
  @CleanText(1, 200)
  name?: string | null;

  @ApiProperty({ type: String, nullable: true, required: false, maxLength: 254, example: 'jan.peeters@example.org' })
  @IfGiven()
  @MailAddress()
  email?: string | null;
}

export class GateBody {
  @ApiProperty({
    enum: gateKinds,
    description:
      'pin: digits that you tell the recipient by another way. birth-date: that of the patient, read from Orthanc now. email-code: a fresh code goes to the address of the recipient at each opening.',
    example: 'pin',
  })
  @OneOf(gateKinds)
  kind: GateKind;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: '6 to 12 digits; left out: six are made and answered.',
    example: '482913',
  })
  @IfGiven()
  @PlainText(1, 64)
  pin?: string | null;
}

export class SharedResourceBody {
  @ApiProperty({ enum: RESOURCE_LEVELS, example: 'study' })
  @OneOf(RESOURCE_LEVELS)
  level: ResourceLevel;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 256,
    description: 'PatientID, or Study, Series or SOP Instance UID, by level.',
    example: '1.2.276.0.7230010.3.1.2.1',
  })
  @IfGiven()
  @CleanText(1, 256)
  dicomUid?: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa',
  })
  @IfGiven()
  @Matches(/^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/, {
    message: 'is not an Orthanc id',
    context: { remedy: 'send five groups of eight hexadecimal digits' },
  })
  orthancId?: string | null;
}

/** What may also be changed later. */
export class ShareTermsBody {
  @ApiProperty({ type: RecipientBody, nullable: true, required: false })
  @IfGiven()
  @IsObject({ message: 'is not an object', context: { remedy: 'send {"name", "email"}' } })
  @ValidateNested()
  @Type(() => RecipientBody)
  recipient?: RecipientBody | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 500,
    description: 'Why it is shared; kept in the record, not shown to the recipient.',
    example: 'second opinion',
  })
  @IfGiven()
  @CleanText(1, 500, 'lines')
  reason?: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    enum: purposesOfUse,
    description: 'Code of HL7 v3 PurposeOfUse.',
    example: 'TREAT',
  })
  @IfGiven()
  @OneOf(purposesOfUse)
  purposeOfUse?: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    enum: mailLanguages,
    description: 'Of the recipient: the page on which the link is opened, and messages.',
    example: 'fr',
  })
  @IfGiven()
  @OneOf(mailLanguages)
  language?: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    required: false,
    description: 'Nobody comes in before.',
    example: null,
  })
  @IfGiven()
  @Instant()
  notBefore?: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    required: false,
    description: 'Null, or left out of a new share: as the share policy has it.',
    example: '2026-12-21T08:00:00Z',
  })
  @IfGiven()
  @Instant()
  expiresAt?: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    required: false,
    minimum: 1,
    maximum: mostOpens,
    description: 'How many recipients may open it; the same one is counted once in eight hours.',
    example: 3,
  })
  @IfGiven()
  @WholeNumber(1, mostOpens)
  maxOpens?: number | null;

  @ApiProperty({ type: GateBody, nullable: true, required: false })
  @IfGiven()
  @IsObject({ message: 'is not an object', context: { remedy: 'send {"kind"}' } })
  @ValidateNested()
  @Type(() => GateBody)
  gate?: GateBody | null;
}

@ApiExtraModels(RecipientBody, GateBody)
export class CreateShareBody extends ShareTermsBody {
  @ApiProperty({
    example: 'stone-viewer-publication',
    description: 'One of the eight types, or one of EXTRA_TOKEN_TYPES.',
  })
  @PlainText(1, 64)
  type: string;

  @ApiProperty({ type: [SharedResourceBody], minItems: 1, maxItems: mostResources })
  @IsArray({ message: 'is not a list', context: { remedy: 'send a list of what is shared' } })
  @ArrayMinSize(1, { message: 'is empty', context: { remedy: 'say what is shared' } })
  @ArrayMaxSize(mostResources, {
    message: 'is too long',
    context: { remedy: `share at most ${mostResources} at once, or the patient as a whole` },
  })
  @IsObject({ each: true, message: 'holds what is not an object', context: { remedy: 'send objects with a level' } })
  @ValidateNested({ each: true })
  @Type(() => SharedResourceBody)
  resources: SharedResourceBody[];

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 256,
    description: 'Yours to find it by; not unique.',
    example: 'order-4711',
  })
  @IfGiven()
  @CleanText(1, 256)
  label?: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    required: false,
    minimum: 1,
    maximum: hundredYears,
    description: 'Seconds from now, in place of expiresAt.',
    example: 604800,
  })
  @IfGiven()
  @WholeNumber(1, hundredYears)
  validityDuration?: number | null;

  @ApiProperty({
    type: [String],
    required: false,
    maxItems: 20,
    description: 'Types whose viewers the recipient may choose among; left out: all that are configured and allowed.',
    example: ['ohif-viewer-publication'],
  })
  @UnlessLeftOut()
  @IsArray({ message: 'is not a list', context: { remedy: 'send a list of types' } })
  @ArrayMaxSize(20, { message: 'is too long', context: { remedy: 'send at most 20 types' } })
  @ArrayUnique({ message: 'names one twice', context: { remedy: 'name each once' } })
  @PlainTexts()
  viewers?: string[];

  @ApiProperty({ required: false, description: 'Offer the study as an archive too. Left out: false.', example: false })
  @UnlessLeftOut()
  @TrueOrFalse()
  download?: boolean;

  @ApiProperty({
    required: false,
    description:
      'true: the images may be looked at and not taken away. Refused without a guard in front of Orthanc (SHARE_POST=edge-only), which tells the one from the other.',
    example: false,
  })
  @UnlessLeftOut()
  @TrueOrFalse()
  noArchive?: boolean;

  @ApiProperty({
    required: false,
    enum: ['token', 'opaque'],
    description: 'opaque: a short link that is looked up, and can be extended. Left out: as SHARE_LINKS says.',
    example: 'opaque',
  })
  @UnlessLeftOut()
  @OneOf(['token', 'opaque'])
  link?: 'token' | 'opaque';

  @ApiProperty({
    required: false,
    description: 'Send the link to the recipient by e-mail, once; a PIN is never sent. Left out: false.',
    example: false,
  })
  @UnlessLeftOut()
  @TrueOrFalse()
  notify?: boolean;
}

function PlainTexts(): PropertyDecorator {
  const isType = (value: unknown) => typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value);
  const validator = {
    validate: (value: unknown) => Array.isArray(value) && value.every(isType),
    defaultMessage: () => 'holds what is not a type',
  };
  return ValidateBy(
    { name: 'types', validator },
    { context: { remedy: 'send types such as ohif-viewer-publication' } },
  );
}

export class ChangeShareBody extends ShareTermsBody {}

export class ShareLinkDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'To hand out.',
    example: 'https://host/share/s/q9Zk3T0mP1xVb7yNnE5cRg',
  })
  url: string | null;

  @ApiProperty({ description: 'The same as a token.', example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln' })
  token: string;
}

export class CreatedShareDto extends ShareLinkDto {
  @ApiProperty({ type: ShareDto })
  share: ShareDto;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Tell it to the recipient by another way than the link. Not shown again.',
    example: '482913',
  })
  pin: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['sent', 'failed', null],
    description: 'Whether the recipient was told, where `notify` asked for it; null for a repeated request.',
    example: null,
  })
  notification: string | null;
}

export class ChangedShareDto {
  @ApiProperty({ type: ShareDto, description: 'The share in force: a new one where the link had to change.' })
  share: ShareDto;

  @ApiProperty({
    type: ShareLinkDto,
    nullable: true,
    description: 'A new link to hand out; null: the old one stays good.',
  })
  link: ShareLinkDto | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where the gate was changed to a PIN.', example: null })
  pin: string | null;
}
