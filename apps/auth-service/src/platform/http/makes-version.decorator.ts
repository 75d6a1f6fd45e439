import { type Type, applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { ProblemDocument } from './problem.dto.js';

/** Description of a route that puts a further version of a document in force, and answers `made`. */
export function MakesVersion(made: Type): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'The ETag of the version that you changed: refused when another one is in force. Without it, or with `*`, the newest write wins.',
      example: '"42"',
    }),
    ApiResponse({ status: 200, description: 'The new version, in force.', type: made }),
    ApiResponse({ status: 412, description: 'Another version is in force.', type: ProblemDocument }),
  );
}
