import { type Type, applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ProblemDocument } from '../platform/http/problem.dto.js';

/** Description of a route that mints, the same for the plugin's address and for Orthanc's own. */
export function MintsShare(route: {
  operationId: string;
  summary: string;
  description: string;
  body: Type;
  answer: Type;
}): MethodDecorator {
  const { operationId, summary, description, body, answer } = route;
  return applyDecorators(
    ApiOperation({ operationId, summary, description }),
    ApiParam({
      name: 'type',
      example: 'stone-viewer-publication',
      description: 'One of the eight types, or one of EXTRA_TOKEN_TYPES.',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key and body give the same token for 24 hours.',
      example: 'order-4711',
    }),
    ApiBody({ type: body }),
    ApiResponse({ status: 200, description: 'Minted and registered.', type: answer }),
    ApiResponse({
      status: 404,
      description: 'Orthanc has no such study that the caller may see; not asked of the plugin.',
      type: ProblemDocument,
    }),
    ApiResponse({
      status: 409,
      description: 'The Idempotency-Key stands for another request, or its signing key is gone.',
      type: ProblemDocument,
    }),
    ApiResponse({
      status: 503,
      description: "Orthanc, the database or the viewer's token service cannot be reached; nothing was minted.",
      type: ProblemDocument,
    }),
  );
}
