import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ProblemDocument } from '../../platform/http/problem.dto.js';

/** How a search of the record is refused. Both texts are for the document. */
export function RefusedSearch(invalid: string, tooWide: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 400, description: invalid, type: ProblemDocument }),
    ApiResponse({ status: 422, description: tooWide, type: ProblemDocument }),
  );
}
