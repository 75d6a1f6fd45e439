import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Repository or image root, seen from this file's place in `dist`, and in the sources under test. */
const roots = ['../../../../..', '../../../..'];

/** The OpenAPI document as committed: building it anew would cost a third of the start. */
export class ApiDescription {
  private loaded: string | null = null;

  constructor(readonly swaggerUi: boolean) {}

  text(): string {
    this.loaded ??= readDocument();
    return this.loaded;
  }
}

function readDocument(): string {
  for (const root of roots) {
    try {
      return readFileSync(join(import.meta.dirname, root, 'apps/auth-service/openapi.json'), 'utf8');
    } catch {
      continue;
    }
  }
  throw new Error('apps/auth-service/openapi.json is missing; run: npm run api:emit');
}
