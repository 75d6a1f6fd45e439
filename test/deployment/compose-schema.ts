import { Ajv } from 'ajv';
import { getDockerComposeSchemaWithoutFormats } from 'composeverter';
import { parse } from 'yaml';

// The package writes patterns as one writes them in JavaScript, with strokes around them.
const schema = JSON.parse(JSON.stringify(getDockerComposeSchemaWithoutFormats()), (key, value: unknown) =>
  key === 'pattern' && typeof value === 'string' ? value.replace(/^\/(.*)\/$/s, '$1') : value,
) as object;
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

/** What the schema of the compose specification has against a file whose variables are filled in. */
export function schemaFaults(text: string): string[] {
  validate(parse(filledIn(text)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** Values of the right form: the form of the rest is what is asked. */
function filledIn(text: string): string {
  return text.replace(/\$\{(\w+)(:[?-][^}]*)?\}/g, (_whole, name: string) => {
    if (name.startsWith('LISTEN')) return '127.0.0.1:8080';
    return name === 'SUBNET' ? '10.213.71' : 'value';
  });
}
