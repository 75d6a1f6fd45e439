import type { OrthancRoute } from './routes.js';

export type ThingLevel = 'study' | 'series' | 'instance';

/** A thing that a path names. */
export interface NamedThing {
  readonly level: ThingLevel;
  readonly by: 'orthancId' | 'dicomUid';
  readonly id: string;
}

export interface MatchedRoute {
  readonly route: OrthancRoute;
  /** From the study inwards, as far as the path says. */
  readonly things: readonly NamedThing[];
}

interface Step {
  readonly thing: Pick<NamedThing, 'level' | 'by'> | null;
  readonly accepts: RegExp;
}

/** Orthanc's ids are SHA-1 in lower case; a UID holds no wildcard (PS3.5 section 9.1), and a few archives have letters in it. */
export const orthancId = /^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/;
const dicomUid = /^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/;

const steps: Readonly<Record<string, Step>> = {
  '{study}': { thing: { level: 'study', by: 'orthancId' }, accepts: orthancId },
  '{series}': { thing: { level: 'series', by: 'orthancId' }, accepts: orthancId },
  '{instance}': { thing: { level: 'instance', by: 'orthancId' }, accepts: orthancId },
  '{StudyInstanceUID}': { thing: { level: 'study', by: 'dicomUid' }, accepts: dicomUid },
  '{SeriesInstanceUID}': { thing: { level: 'series', by: 'dicomUid' }, accepts: dicomUid },
  '{SOPInstanceUID}': { thing: { level: 'instance', by: 'dicomUid' }, accepts: dicomUid },
  '{name}': { thing: null, accepts: /^[0-9A-Za-z_][0-9A-Za-z._,-]{0,127}$/ },
};

class Node {
  readonly literal = new Map<string, Node>();
  variable: { readonly step: Step; readonly node: Node } | null = null;
  route: OrthancRoute | null = null;
  /** Whatever follows. */
  rest: OrthancRoute | null = null;
}

/** Finds the route of a path. A path that is spelt in another way than in the table is another path. */
export class RouteTable {
  private readonly root = new Node();

  constructor(routes: readonly OrthancRoute[]) {
    for (const route of routes) this.add(route);
  }

  /** @param path begins with `/`, without arguments; null: there is no such route */
  match(path: string): MatchedRoute | null {
    const things: NamedThing[] = [];
    let node = this.root;
    for (let from = 1; from < path.length || path.endsWith('/');) {
      const end = path.indexOf('/', from);
      const text = end < 0 ? path.slice(from) : path.slice(from, end);
      const next = node.literal.get(text);
      if (next !== undefined) node = next;
      else if (node.variable !== null && node.variable.step.accepts.test(text)) {
        const { step } = node.variable;
        if (step.thing !== null) things.push({ ...step.thing, id: text });
        node = node.variable.node;
      } else return node.rest === null ? null : { route: node.rest, things };
      if (end < 0) break;
      from = end + 1;
    }
    const route = node.route ?? node.rest;
    return route === null ? null : { route, things };
  }

  private add(route: OrthancRoute): void {
    let node = this.root;
    for (const text of route.path.split('/').slice(1)) {
      if (text === '**') {
        node.rest = route;
        return;
      }
      node = this.next(node, text, route);
    }
    if (node.route !== null) throw new Error(`${route.path} is in the table twice`);
    node.route = route;
  }

  private next(node: Node, text: string, { path }: OrthancRoute): Node {
    const step = Object.hasOwn(steps, text) ? steps[text] : undefined;
    if (step === undefined) {
      if (/[{}*]/.test(text)) throw new Error(`${path}: there is no step ${text}`);
      const known = node.literal.get(text) ?? new Node();
      node.literal.set(text, known);
      return known;
    }
    if (node.variable !== null && node.variable.step !== step)
      throw new Error(`${path}: another variable step is there`);
    node.variable ??= { step, node: new Node() };
    return node.variable.node;
  }
}
