import type { Variables } from './substitute-variables.js';

const variable = /\$(?:(\$)|\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))/g;

/** Variables of a compose file in every text of it: `$NAME`, `${NAME:-default}`, `${NAME:?message}`; `$$` is a dollar. */
export function substituteCompose(value: unknown, env: Variables): unknown {
  if (typeof value === 'string') return substitute(value, env);
  if (Array.isArray(value)) return value.map((one) => substituteCompose(one, env));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substituteCompose(one, env)]));
  return value;
}

function substitute(text: string, env: Variables): string {
  return text.replace(
    variable,
    (_, dollar?: string, braced?: string, operator?: string, word?: string, bare?: string) => {
      if (dollar !== undefined) return '$';
      const found = env[braced ?? bare ?? ''];
      const given = operator?.startsWith(':') && found === '' ? undefined : found;
      if (operator?.endsWith('+')) return given === undefined ? '' : (word ?? '');
      return given ?? (operator?.endsWith('-') ? (word ?? '') : '');
    },
  );
}
