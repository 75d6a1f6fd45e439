import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { UnlessLeftOut } from '../../platform/http/given.decorator.js';

function Month(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && /^20\d\d-(0[1-9]|1[0-2])$/.test(value),
    defaultMessage: () => 'is not a month',
  };
  return ValidateBy({ name: 'month', validator }, { context: { remedy: 'send a year and a month such as 2026-11' } });
}

export class ProofQuery {
  /** The first month, in UTC. Left out: the record is exported from its beginning. */
  @ApiPropertyOptional({ pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', example: '2026-01' })
  @UnlessLeftOut()
  @Month()
  from?: string;

  /** The last month. Left out: the record is exported to its end. */
  @ApiPropertyOptional({ pattern: '^20\\d\\d-(0[1-9]|1[0-2])$', example: '2026-11' })
  @UnlessLeftOut()
  @Month()
  to?: string;
}
