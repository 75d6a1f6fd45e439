import { AddRouteConfig } from './route-config.js';

/**
 * The route reads its body itself, as text: UTF-8 within the usual limit, sent as application/json or text/plain; with
 * `anyType`, whatever type it is said to be. Every other route gets strict JSON.
 */
export function TextBody({ anyType = false } = {}): MethodDecorator {
  return AddRouteConfig({ textBody: true, ...(anyType ? { anyTypeOfBody: true } : {}) });
}
