import { applyDecorators } from '@nestjs/common';
import { ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { CallerScope } from '../config/config.js';
import type { Access } from './caller.js';
import { ProblemDocument } from './problem.dto.js';
import { AddRouteConfig } from './route-config.js';

/**
 * Who may use the route, in one line; it also writes the security part of the OpenAPI document. A route that carries
 * neither this nor `PublicRoute` is refused.
 */
export function AllowedTo(access: {
  scopes?: readonly CallerScope[];
  permissions?: readonly string[];
  anyone?: boolean;
}): MethodDecorator {
  const rule: Access = {
    scopes: access.scopes ?? [],
    permissions: access.permissions ?? [],
    anyone: access.anyone ?? false,
  };
  return applyDecorators(
    AddRouteConfig({ access: rule }),
    ApiSecurity('basic'),
    ApiSecurity('bearer'),
    ApiSecurity('api-key'),
    ApiResponse({ status: 401, description: 'Credentials are missing or wrong.', type: ProblemDocument }),
    ApiResponse({ status: 403, description: 'These credentials may not do this.', type: ProblemDocument }),
  );
}

/** Open to everyone, for the reason given. */
export function PublicRoute(reason: string): MethodDecorator {
  const rule: Access = { public: reason };
  return applyDecorators(AddRouteConfig({ access: rule }), ApiSecurity({}));
}
