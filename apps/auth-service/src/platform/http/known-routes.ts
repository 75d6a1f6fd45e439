import type { Access } from './caller.js';

interface KnownRoute {
  readonly method: string;
  readonly template: string;
  /** Undefined: nobody may use it. */
  readonly access: Access | undefined;
}

/** The routes that were registered, so that a wrong method is told from a wrong address (RFC 9110 section 15.5.6). */
export class KnownRoutes {
  private readonly routes: (KnownRoute & { readonly pattern: RegExp })[] = [];

  add(method: string, template: string, access?: Access): void {
    const pattern = template
      .split('/')
      .map((part) =>
        part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('/');
    this.routes.push({ method, template, access, pattern: new RegExp(`^${pattern}/?$`) });
  }

  methodsOf(url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    return [...new Set(this.routes.filter((route) => route.pattern.test(path)).map((route) => route.method))];
  }

  all(): readonly KnownRoute[] {
    return this.routes;
  }
}
