import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

const limitRemedy = { context: { remedy: 'send a whole number from 1 to 100' } };

/** A number of a version, in a query or a body. */
export function VersionNumber(): PropertyDecorator {
  const context = { remedy: 'send the number of a version, a whole number from 1' };
  const rules = [IsInt({ context }), Min(1, { context }), Max(Number.MAX_SAFE_INTEGER, { context })];
  return (target, key) => rules.forEach((rule) => rule(target, key));
}

/** Which page of the versions of a document, newest first. */
export class VersionsPageQuery {
  /** How many versions a page holds. */
  @ApiProperty({ required: false, minimum: 1, maximum: 100, default: 20, example: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt(limitRemedy)
  @Min(1, limitRemedy)
  @Max(100, limitRemedy)
  limit: number = 20;

  /** The `next` of the page before. */
  @ApiProperty({ required: false, example: '41' })
  @IsOptional()
  @Matches(/^[1-9]\d{0,14}$/, {
    message: 'cursor is not one of ours',
    context: { remedy: 'pass the next of the page before, unchanged' },
  })
  cursor?: string;
}
