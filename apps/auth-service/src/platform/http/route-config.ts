import { RouteConfig } from '@nestjs/platform-fastify';

/** What the decorators of a route have said so far, by handler. */
const said = new WeakMap<object, Record<string, unknown>>();

/** Adds to the configuration of a route: the framework's own decorator would replace what another one said. */
export function AddRouteConfig(part: Record<string, unknown>): MethodDecorator {
  return (target, key, descriptor) => {
    const handler = descriptor.value as object;
    const config = { ...said.get(handler), ...part };
    said.set(handler, config);
    RouteConfig(config)(target, key, descriptor);
  };
}
