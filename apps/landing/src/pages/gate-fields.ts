import type { LiveLink } from '../auth-service.js';
import type { Gate } from '../link-wire.js';
import type { Messages } from '../languages/messages.js';
import type { EntryProblem } from '../opening.js';
import { escapeHtml } from './escape.js';

interface Asked {
  readonly link: LiveLink;
  readonly problem?: EntryProblem | undefined;
}

/** The field or fields of the gate. What was entered is never shown again. */
export function entryOf({ link, problem }: Asked, messages: Messages): string {
  const error =
    problem === 'viewer-not-offered' ? undefined : problem && problemText(link.gate, problem, messages).text;
  switch (link.gate) {
    case 'none':
      return '';
    case 'pin':
      return oneField(messages.pin.label, escapeHtml(messages.pin.hint), 'off', error);
    case 'email-code':
      return oneField(messages.emailCode.label, codeHint(link, messages), 'one-time-code', error);
    case 'birth-date':
      return dateFields(messages.birthDate, error);
  }
}

/** What to say of an entry that did not do, and the field that it is about. */
export function problemText(
  gate: Gate,
  problem: EntryProblem,
  { actions, pin, birthDate, emailCode }: Messages,
): { readonly text: string; readonly field: string } {
  if (problem === 'viewer-not-offered') return { text: actions.viewerNotOffered, field: 'viewer' };
  if (gate === 'birth-date') return { text: birthDate[problem], field: 'day' };
  const words = gate === 'email-code' ? emailCode : pin;
  return { text: problem === 'missing' ? words.missing : words.refused, field: gate === 'none' ? 'open' : 'secret' };
}

function oneField(label: string, hint: string, autocomplete: string, error: string | undefined): string {
  return (
    `<div class="field"><label for="secret">${escapeHtml(label)}</label><p class="hint" id="secret-hint">${hint}</p>${errorOf('secret', error)}` +
    `<input type="text" id="secret" name="secret" inputmode="numeric" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" maxlength="64"` +
    ` aria-describedby="secret-hint${error === undefined ? '' : ' secret-error'}"${invalid(error)}></div>`
  );
}

function dateFields(words: Messages['birthDate'], error: string | undefined): string {
  const fields = (['day', 'month', 'year'] as const).map(
    (part) =>
      `<div><label for="${part}">${escapeHtml(words[part])}</label><input type="text" id="${part}" name="${part}" inputmode="numeric" autocomplete="off"` +
      ` maxlength="${part === 'year' ? 4 : 2}"${invalid(error)}${error === undefined ? '' : ' aria-describedby="date-error"'}></div>`,
  );
  return (
    `<fieldset aria-describedby="date-hint${error === undefined ? '' : ' date-error'}"><legend>${escapeHtml(words.label)}</legend>` +
    `<p class="hint" id="date-hint">${escapeHtml(words.hint)}</p>${errorOf('date', error)}<div class="date">${fields.join('')}</div></fieldset>`
  );
}

function codeHint({ codeSentTo }: LiveLink, { emailCode }: Messages): string {
  if (codeSentTo === null) return escapeHtml(emailCode.hintPlain);
  return escapeHtml(emailCode.hint).replace('{address}', () => `<bdi>${escapeHtml(codeSentTo)}</bdi>`);
}

function errorOf(field: string, error: string | undefined): string {
  return error === undefined ? '' : `<p class="error" id="${field}-error">${escapeHtml(error)}</p>`;
}

function invalid(error: string | undefined): string {
  return error === undefined ? '' : ' aria-invalid="true"';
}
