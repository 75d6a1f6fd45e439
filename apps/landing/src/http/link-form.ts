import type { Entry } from '../exchange-link.usecase.js';
import { viewerId } from '../link-answers.js';
import { gates } from '../link-wire.js';

const actions = ['open', 'download', 'send-code', 'have-code', 'language'] as const;

export interface LinkForm {
  readonly action: (typeof actions)[number];
  readonly lang: string | undefined;
  readonly codeAsked: boolean;
  readonly entry: Entry;
}

/** The form's fields, or undefined when they are none of ours: one twice, an unknown action, a viewer that can't be one. Strangers are ignored. */
export function readLinkForm(body: unknown): LinkForm | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = body as Readonly<Record<string, unknown>>;
  const names = ['action', 'lang', 'step', 'gate', 'secret', 'day', 'month', 'year', 'viewer'];
  // Nothing that could be meant: no attempt is spent on it.
  if (names.every((name) => fields[name] === undefined)) return undefined;
  // A field that came twice is a list (HTTP parameter pollution).
  if (names.some((name) => fields[name] !== undefined && typeof fields[name] !== 'string')) return undefined;
  const text = (name: string): string => (fields[name] as string | undefined) ?? '';

  const action = actions.find((known) => known === (text('action') || 'open'));
  const gate = gates.find((known) => known === text('gate'));
  if (action === undefined || (gate === undefined && text('gate') !== '')) return undefined;
  const viewer = action === 'download' ? 'download' : text('viewer') || null;
  if (viewer !== null && !viewerId.test(viewer)) return undefined;
  return {
    // A button is not needed for it: whoever asks for the viewer "download" means the action.
    action: action === 'open' && viewer === 'download' ? 'download' : action,
    lang: text('lang') || undefined,
    codeAsked: text('step') === 'code',
    entry: {
      gate,
      secret: text('secret'),
      birthDate: { day: text('day'), month: text('month'), year: text('year') },
      viewer,
    },
  };
}
