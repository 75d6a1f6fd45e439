import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

const wholeNumber = { context: { remedy: 'send a whole number from 1 to 500' } };

/** Which page of a list: keyset pages, stable while new entries come in. */
export class PageQuery {
  /** How many entries a page holds. */
  @ApiProperty({ required: false, minimum: 1, maximum: 500, default: 50, example: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt(wholeNumber)
  @Min(1, wholeNumber)
  @Max(500, wholeNumber)
  limit: number = 50;

  /** The `next` of the page before. */
  @ApiProperty({ required: false, example: 'AZqMyhNxcAC5vB3i1bYkJg' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{22}$/, {
    message: 'cursor is not one of ours',
    context: { remedy: 'pass the next of the page before, unchanged' },
  })
  cursor?: string;
}
