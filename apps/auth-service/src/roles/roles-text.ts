import { type RolesDocument, type RolesFault, parseRolesDocument } from '@warden/permissions';
import { type Node, type ParseError, createScanner, parseTree, printParseErrorCode } from 'jsonc-parser';
import { invalidInput, unreadableBody } from '../platform/errors/domain-error.js';

/** Levels of nesting: the reader of the text calls itself once a level. */
const maxDepth = 100;

/** Reads a body that is JSON already. Throws `invalid-input` with every fault. */
export function readRolesBody(body: unknown): RolesDocument {
  const parsed = parseRolesDocument(body);
  if (!parsed.ok) throw invalidInput(parsed.faults.map((fault) => ({ ...fault, field: fault.field || 'body' })));
  return parsed.document;
}

/**
 * Reads the text of a permissions.json, in any of its forms, with comments and trailing commas. Throws
 * `unreadable-body` when it is no JSON, and `invalid-input` with every fault, each with its line.
 */
export function readRolesText(text: string): RolesDocument {
  if (isTooDeep(text)) throw unreadableBody('is nested too deeply');
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const lines = new Lines(text);
  if (errors[0] !== undefined || tree === undefined) {
    const place =
      errors[0] === undefined ? '' : ` (${printParseErrorCode(errors[0].error)} in ${lines.at(errors[0].offset)})`;
    throw unreadableBody(`is not valid JSON${place}`);
  }
  const parsed = parseRolesDocument(valueOf(tree));
  if (!parsed.ok) throw invalidInput(parsed.faults.map((fault) => located(fault, tree, lines)));
  return parsed.document;
}

/** The value of a node. Objects come without a prototype, so that a role called `__proto__` is a role. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value as unknown;
  const object = Object.create(null) as Record<string, unknown>;
  for (const { children: [key, value] = [] } of node.children ?? []) {
    if (key !== undefined && value !== undefined) object[String(key.value)] = valueOf(value);
  }
  return object;
}

function located(fault: RolesFault, tree: Node, lines: Lines): RolesFault {
  // A role whose name is at fault is told by its number, in the object that holds it.
  const numbered = /^role number (\d+) /.exec(fault.problem)?.[1];
  const node = nodeAt(tree, numbered === undefined ? fault.field : `${fault.field}[role ${numbered}]`);
  return { ...fault, field: fault.field || 'body', problem: `${fault.problem} (${lines.at(node.offset)})` };
}

/** The part of the text that a fault's field names, or the nearest one around it. */
function nodeAt(tree: Node, field: string): Node {
  let node = tree;
  let at = 0;
  while (at < field.length) {
    const index = /^\[(role )?(\d+)\]/.exec(field.slice(at, at + 30));
    const found = index === null ? memberAt(node, field, at) : childAt(node, index);
    if (found === null) break;
    [node, at] = [found.node, at + found.length];
  }
  return node;
}

function childAt(node: Node, [text, role, digits]: RegExpExecArray): { node: Node; length: number } | null {
  const child = node.children?.[Number(digits) - (role === undefined ? 0 : 1)];
  const found = child?.type === 'property' ? child.children?.[1] : child;
  return found === undefined ? null : { node: found, length: text.length };
}

/** Names may hold dots and brackets: the longest that fits, and of two of one name the last, which is the one that counts. */
function memberAt(node: Node, field: string, at: number): { node: Node; length: number } | null {
  const start = field[at] === '.' ? at + 1 : at;
  let found: { node: Node; length: number } | null = null;
  for (const { children: [key, value] = [] } of node.type === 'object' ? (node.children ?? []) : []) {
    const name = String(key?.value);
    const end = start + name.length;
    const fits = field.startsWith(name, start) && (end === field.length || '.['.includes(field[end] ?? ''));
    if (fits && value !== undefined && end - at >= (found?.length ?? 1)) found = { node: value, length: end - at };
  }
  return found;
}

/** Of the parser's `SyntaxKind`, an ambient enumeration that cannot be imported file by file. */
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;

function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let kind: number = scanner.scan(); kind !== tokens.end; kind = scanner.scan()) {
    if (kind === tokens.openBrace || kind === tokens.openBracket) {
      if (++depth > maxDepth) return true;
    } else if (kind === tokens.closeBrace || kind === tokens.closeBracket) depth--;
  }
  return false;
}

/** Tells the line and column of an offset, counted from 1. */
class Lines {
  private readonly starts = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  at(offset: number): string {
    let [low, high] = [0, this.starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return `line ${low + 1}, column ${offset - (this.starts[low] ?? 0) + 1}`;
  }
}
