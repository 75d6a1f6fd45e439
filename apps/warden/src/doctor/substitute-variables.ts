import { stripComments } from 'jsonc-parser';

/** `${NAME}`, `${NAME:-default}`, `${NAME:-'default'}`, as Orthanc 1.12 reads them: in the text, before it is JSON. */
const variable = /\$\{([^:}]*)(?::-(?:'([^'}]*)'|([^"}]*)))?\}/g;

export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable that is set but empty stays empty; one that is not there and has no default becomes nothing. */
export function substituteVariables(text: string, env: Variables): string {
  return text.replace(
    variable,
    (_, name: string, quoted?: string, plain?: string) => env[name] ?? quoted ?? plain ?? '',
  );
}

/** Variables that have neither a value nor a default. Those in comments do no harm. */
export function missingVariables(text: string, env: Variables): string[] {
  const found = [...stripComments(text).matchAll(variable)]
    .filter(([, name = '', quoted, plain]) => (env[name] ?? quoted ?? plain) === undefined)
    .map(([, name = '']) => name);
  return [...new Set(found)];
}
