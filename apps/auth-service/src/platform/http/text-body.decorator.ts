import { AddRouteConfig } from './route-config.js';

/**
 * The route reads its body itself, as text: UTF-8 within the usual limit, sent as application/json or text/plain.
 * Every other route gets strict JSON.
 */
export function TextBody(): MethodDecorator {
  return AddRouteConfig({ textBody: true });
}
