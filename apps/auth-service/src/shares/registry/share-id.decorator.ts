import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiResponse } from '@nestjs/swagger';
import { ProblemDocument } from '../../platform/http/problem.dto.js';

/** Description of a route about one share that the caller may see. */
export function AboutOneShare(): MethodDecorator {
  return applyDecorators(
    ApiParam({ name: 'id', format: 'uuid', example: '019a8cca-1371-7000-b9bc-1de2d5b62426' }),
    ApiResponse({ status: 404, description: 'No share of yours has this id.', type: ProblemDocument }),
  );
}
