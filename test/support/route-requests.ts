import { KnownRoutes } from '../../apps/auth-service/src/platform/http/known-routes.js';
import type { Access } from '../../apps/auth-service/src/platform/http/caller.js';
import type { TestService } from './test-service.js';

export interface RegisteredRoute {
  /** As the OpenAPI document writes it: `GET /api/v1/shares/{id}`. */
  readonly route: string;
  readonly method: string;
  /** Undefined: the route has no rule. */
  readonly access: Access | undefined;
}

/** Every route that the service has, by name. */
export function registeredRoutes(service: TestService): RegisteredRoute[] {
  return service.app
    .get(KnownRoutes)
    .all()
    .map(({ method, template, access }) => ({
      route: `${method} ${template.replace(/:([A-Za-z]+)/g, '{$1}')}`,
      method,
      access,
    }))
    .sort((one, other) => (one.route < other.route ? -1 : 1));
}

const parts: Record<string, string> = {
  type: 'stone-viewer-publication',
  id: '00000000-0000-7000-8000-000000000000',
  file: 'swagger-ui.css',
  version: '999999',
};

/** The address to ask, of things that are not there. */
export function addressOf(route: string): string {
  return (route.split(' ')[1] ?? '').replace(/\{([^}]+)\}/g, (_whole, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`say in route-requests.ts what stands for {${name}}`);
    return part;
  });
}
