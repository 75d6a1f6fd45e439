import type { LiveLink } from '../auth-service.js';
import type { Formats } from '../languages/formats.js';
import type { Language } from '../languages/languages.js';
import type { Gate } from '../link-wire.js';
import type { Messages } from '../languages/messages.js';
import type { EntryProblem } from '../opening.js';
import { escapeHtml } from './escape.js';
import { entryOf, problemText } from './gate-fields.js';

export interface LinkView {
  readonly link: LiveLink;
  readonly codeAsked: boolean;
  readonly problem?: EntryProblem | undefined;
}

/** What is shared, by whom and until when; then the gate, the choice of a viewer and the buttons. */
export function linkForm(view: LinkView, messages: Messages, formats: Formats, language: Language): string {
  const { link } = view;
  return (
    facts(link, messages, formats) +
    (link.opening === 'direct' ? directWays(link, messages, language) : entryForm(view, messages, language))
  );
}

/** Rows of "name, value"; nothing when there are none. Values are HTML. */
export function factList(rows: readonly (readonly [name: string, value: string])[]): string {
  if (rows.length === 0) return '';
  const items = rows.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd></div>`);
  return `<dl class="facts">${items.join('')}</dl>\n`;
}

/** A moment as a row's value. */
export function momentOf(at: Date, formats: Formats): string {
  return `<time datetime="${at.toISOString()}">${escapeHtml(formats.moment(at))}</time>`;
}

/** Says in front of everything what has to be corrected. Focus goes there without a script, and a screen reader begins with it. */
export function problemSummary({ link, problem }: LinkView, messages: Messages): string {
  if (problem === undefined) return '';
  const { text, field } = problemText(link.gate, problem, messages);
  return (
    `<div class="problem" role="alert" tabindex="-1" autofocus><h2>${escapeHtml(messages.problemHeading)}</h2>` +
    `<p><a href="#${field}">${escapeHtml(text)}</a></p></div>\n`
  );
}

function facts({ studies, sharedBy, expiresAt }: LiveLink, { facts: words }: Messages, formats: Formats): string {
  const rows: (readonly [string, string])[] = [[words.shared, escapeHtml(imagesOf(studies, words, formats))]];
  if (sharedBy !== null) rows.push([words.by, `<bdi>${escapeHtml(sharedBy)}</bdi>`]);
  if (expiresAt !== null) rows.push([words.until, momentOf(expiresAt, formats)]);
  return factList(rows);
}

function imagesOf(studies: number | null, words: Messages['facts'], formats: Formats): string {
  if (studies === null || studies === 0) return words.images;
  const text = formats.isOne(studies) ? words.examination : words.examinations;
  return text.replace('{count}', formats.number(studies));
}

/** Every viewer's address is known: plain links, the first one first. */
function directWays({ viewers, download }: LiveLink, { actions }: Messages, language: Language): string {
  const links = viewers.map(({ name, url }, at) => {
    const text = viewers.length === 1 ? actions.open : actions.openWith.replace('{viewer}', () => name);
    return `<a class="button${at === 0 ? '' : ' second'}" rel="noreferrer" href="${escapeHtml(url ?? '')}">${escapeHtml(text)}</a>`;
  });
  const form = download
    ? `<form method="post" class="actions">${hiddenFields('none', language)}${downloadButton(actions)}</form>\n`
    : '';
  return `${links.length > 0 ? `<p class="actions">${links.join('')}</p>\n` : ''}${form}`;
}

function entryForm(view: LinkView, messages: Messages, language: Language): string {
  const { link, codeAsked } = view;
  const hidden = hiddenFields(link.gate, language);
  const asksForCode = link.gate === 'email-code' && !codeAsked;
  const body = asksForCode
    ? codeOffer(link, messages)
    : entryOf(view, messages) + viewerChoice(link, messages, view.problem) + buttons(link, messages);
  return `<form method="post" class="entry" novalidate>${hidden}${body}</form>\n`;
}

/** The language goes along because the sharer's choice of it is not asked for again, the gate so that an entry can be checked here first. */
function hiddenFields(gate: Gate, language: Language): string {
  return `<input type="hidden" name="lang" value="${language}"><input type="hidden" name="gate" value="${gate}">`;
}

/** First a code has to be on its way; who has one already, from before a page was lost, goes on without another. */
function codeOffer({ codeSentTo }: LiveLink, { emailCode }: Messages): string {
  const explanation = codeSentTo === null ? '' : `<p>${withAddress(emailCode.explanation, codeSentTo)}</p>`;
  return (
    `${explanation}<div class="actions"><button class="button" name="action" value="send-code">${escapeHtml(emailCode.send)}</button>` +
    `<button class="button second" name="action" value="have-code">${escapeHtml(emailCode.have)}</button></div>`
  );
}

function viewerChoice({ viewers }: LiveLink, { actions }: Messages, problem: EntryProblem | undefined): string {
  if (viewers.length < 2) return '';
  const wrong = problem === 'viewer-not-offered';
  const choices = viewers.map(({ id, name }, at) => {
    const first = at === 0 ? ' id="viewer" checked' : '';
    return `<label class="choice"><input type="radio" name="viewer" value="${escapeHtml(id)}"${first}><bdi>${escapeHtml(name)}</bdi></label>`;
  });
  const error = wrong ? `<p class="error" id="viewer-error">${escapeHtml(actions.viewerNotOffered)}</p>` : '';
  return `<fieldset${wrong ? ' aria-describedby="viewer-error"' : ''}><legend>${escapeHtml(actions.viewers)}</legend>${error}${choices.join('')}</fieldset>`;
}

function buttons({ gate, viewers, download }: LiveLink, { actions, emailCode }: Messages): string {
  const open =
    viewers.length > 0
      ? `<button class="button" id="open" name="action" value="open">${escapeHtml(actions.open)}</button>`
      : '';
  const again =
    gate === 'email-code'
      ? `<button class="button second" name="action" value="send-code">${escapeHtml(emailCode.sendAgain)}</button>`
      : '';
  return `<div class="actions">${open}${download ? downloadButton(actions, viewers.length === 0) : ''}${again}</div>`;
}

function downloadButton({ download }: Messages['actions'], alone = false): string {
  return `<button class="button${alone ? '' : ' second'}"${alone ? ' id="open"' : ''} name="action" value="download">${escapeHtml(download)}</button>`;
}

function withAddress(text: string, address: string): string {
  return escapeHtml(text).replace('{address}', () => `<bdi>${escapeHtml(address)}</bdi>`);
}
