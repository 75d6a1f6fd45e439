import { ApiProperty } from '@nestjs/swagger';
import { MAX_TOKEN_LENGTH } from '@warden/tokens';
import { IfGiven } from '../../platform/http/given.decorator.js';
import { PlainText } from '../../platform/http/plain-text.decorator.js';
import { gateKinds } from '../share.js';
import { linkStates } from './inspect-link.usecase.js';

export class LinkBody {
  /** A share token, or what follows `/s/` in a short link. */
  @ApiProperty({ minLength: 1, maxLength: MAX_TOKEN_LENGTH, example: 'q9Zk3T0mP1xVb7yNnE5cRg' })
  @PlainText(1, MAX_TOKEN_LENGTH)
  link: string;
}

export class InspectBody extends LinkBody {
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    minLength: 22,
    maxLength: 128,
    description: 'As for exchange: a recipient who was let in may come back to a link that is used up.',
    example: null,
  })
  @IfGiven()
  @PlainText(22, 128)
  session?: string | null;
}

export class SendCodeBody extends LinkBody {
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 100,
    description: 'Network address of the recipient; attempts are counted by it.',
    example: '203.0.113.7',
  })
  @IfGiven()
  @PlainText(1, 100)
  address?: string | null;
}

export class ExchangeBody extends SendCodeBody {
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 64,
    description: 'PIN, birth date as YYYYMMDD, or e-mailed code; null: no gate.',
    example: '482913',
  })
  @IfGiven()
  @PlainText(0, 64)
  secret?: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    maxLength: 64,
    description: 'One of the viewers that inspect tells, or `download`; null: the first.',
    example: 'stone-viewer-publication',
  })
  @IfGiven()
  @PlainText(1, 64)
  viewer?: string | null;

  /** Random, kept by the recipient's browser: tells whether the same one comes again. */
  @ApiProperty({ minLength: 22, maxLength: 128, example: 'Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5' })
  @PlainText(22, 128)
  session: string;

  @ApiProperty({ type: String, nullable: true, required: false, maxLength: 512, example: 'Mozilla/5.0 (iPhone)' })
  @IfGiven()
  @PlainText(0, 512)
  userAgent?: string | null;
}

export class LinkViewerDto {
  @ApiProperty({ example: 'stone-viewer-publication' })
  id: string;

  @ApiProperty({ description: 'Its proper name, the same in every language.', example: 'Stone Web Viewer' })
  name: string;

  @ApiProperty({ type: String, nullable: true, description: 'Where opening is direct.', example: null })
  url: string | null;
}

export class InspectedLinkDto {
  @ApiProperty({ enum: linkStates, example: 'live' })
  state: string;

  @ApiProperty({ type: String, enum: ['locked', 'used-up', null], nullable: true, example: null })
  closedBy: string | null;

  @ApiProperty({
    type: String,
    enum: ['direct', 'confirm', null],
    nullable: true,
    description: 'direct: the token is the key, follow a viewer. confirm: exchange it by POST. Null unless live.',
    example: 'confirm',
  })
  opening: string | null;

  @ApiProperty({ type: String, enum: ['none', ...gateKinds, null], nullable: true, example: 'pin' })
  gate: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where a code goes, masked.', example: null })
  codeSentTo: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Dr. Ada Vermeer' })
  sharedBy: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'How many studies.', example: 1 })
  studies: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  opensAt: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null: no end, or not told.',
    example: '2026-12-01T08:00:00.000Z',
  })
  expiresAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'fr' })
  language: string | null;

  @ApiProperty({ type: [LinkViewerDto], description: "The link's own first." })
  viewers: LinkViewerDto[];

  @ApiProperty({ description: 'Whether exchange takes `download`.', example: false })
  download: boolean;
}

export class ExchangedLinkDto {
  @ApiProperty({ description: 'Where the recipient goes now.', example: 'https://host/stone-webviewer/index.html?…' })
  url: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:00:00.000Z' })
  expiresAt: string;
}

/** Says nothing: whether a code was sent would tell whether there is such a link. */
export class HeardDto {}
