import type { Schemas } from '@warden/auth-service-api';
import { safeText } from './output.js';

type Problem = Partial<Schemas['ProblemDocument']>;

/** A refusal of the service as sentences: what failed, every fault, which setting to change, and the request to ask about. */
export function problemText(
  status: number,
  body: string,
  access: { readonly url: string; readonly source: string },
): string {
  const problem = readProblem(body);
  if (problem === null)
    return `${access.url} answered ${status} in a way that orthanc-warden does not. Is WARDEN_URL the address of the service?`;
  const lines = [`${sentence(problem.title ?? `Refused (${status})`)} ${sentence(problem.detail ?? '')}`.trim()];
  for (const fault of problem.errors ?? []) lines.push(`- ${fault.field} ${fault.problem}: ${fault.remedy}`);
  if (status === 401) lines.push(`The credentials came from ${access.source}; they are not known at ${access.url}.`);
  if (status === 403) lines.push(`The credentials came from ${access.source}; use others that may do this.`);
  if (problem.instance !== undefined)
    lines.push(`Request ${problem.instance.replace(/^urn:orthanc-warden:request:/, '')} in the service's log.`);
  return lines.map(safeText).join('\n');
}

/** Null when somebody else wrote it. */
function readProblem(body: string): Problem | null {
  try {
    const json = JSON.parse(body) as Problem | null;
    return typeof json?.type === 'string' && json.type.startsWith('urn:orthanc-warden:') ? json : null;
  } catch {
    return null;
  }
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
