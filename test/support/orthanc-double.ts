import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DoubleStudy {
  readonly uid: string;
  readonly labels: readonly string[];
  readonly patientId: string;
  /** Further main tags of the study and of its patient, by name. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly patientTags?: Readonly<Record<string, string>>;
  /** In the files alone: answered where it is requested, by an Orthanc since 1.11. */
  readonly issuer?: string;
  /** UID of a series → UIDs of its instances. */
  readonly series?: Readonly<Record<string, readonly string[]>>;
}

export type OrthancFault =
  'hang' | 'garbage' | 'wrong-shape' | { readonly status: number } | { readonly redirect: string };

/** Five groups of eight hexadecimal digits, as Orthanc makes them of the identifiers. */
export function orthancIdOf(...parts: readonly string[]): string {
  const hex = createHash('sha1').update(parts.join('|')).digest('hex');
  return (hex.match(/.{8}/g) ?? []).join('-');
}

interface Resource {
  readonly type: 'Patient' | 'Study' | 'Series' | 'Instance';
  readonly name: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly labels?: readonly string[];
  readonly issuer?: string;
  /** Orthanc id. */
  readonly study?: string;
}

const paths = { Patient: 'patients', Study: 'studies', Series: 'series', Instance: 'instances' } as const;

/** The part of Orthanc's REST API that this service asks, in the shapes of 1.12; `old` is one of before the labels. */
export class OrthancDouble {
  /** Method and path of every question. */
  readonly asked: string[] = [];
  old = false;
  /** Labels are in an answer of their own only. */
  labelsApart = false;
  private fault: OrthancFault | null = null;
  private readonly resources = new Map<string, Resource>();
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  constructor(private readonly credentials: { username: string; password: string } | null) {}

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/orthanc`;
  }

  settings(): Record<string, string> {
    const { username, password } = this.credentials ?? {};
    return {
      ORTHANC_URL: this.url,
      ...(username === undefined || password === undefined
        ? {}
        : { ORTHANC_USERNAME: username, ORTHANC_PASSWORD: password }),
    };
  }

  /** Every answer is this, until `mend`. */
  fail(fault: OrthancFault): void {
    this.fault = fault;
  }

  mend(): void {
    this.fault = null;
  }

  /** Answers the Orthanc id of the study. */
  add({ uid, labels, patientId, tags = {}, patientTags = {}, issuer = '', series = {} }: DoubleStudy): string {
    const patient = orthancIdOf(patientId);
    const id = orthancIdOf(patientId, uid);
    const before = (this.resources.get(patient)?.json['Studies'] ?? []) as string[];
    this.resources.set(patient, {
      type: 'Patient',
      name: patientId,
      json: { ID: patient, Type: 'Patient', MainDicomTags: { PatientID: patientId }, Studies: [...before, id] },
    });
    this.resources.set(id, {
      type: 'Study',
      name: uid,
      labels,
      issuer,
      json: {
        ID: id,
        Type: 'Study',
        ParentPatient: patient,
        MainDicomTags: { StudyInstanceUID: uid, ...tags },
        PatientMainDicomTags: { PatientID: patientId, ...patientTags },
      },
    });
    for (const [seriesUid, instances] of Object.entries(series)) {
      const seriesId = orthancIdOf(patientId, uid, seriesUid);
      const json = { ID: seriesId, Type: 'Series', ParentStudy: id, MainDicomTags: { SeriesInstanceUID: seriesUid } };
      this.resources.set(seriesId, { type: 'Series', name: seriesUid, json });
      for (const sop of instances) {
        const instance = orthancIdOf(patientId, uid, seriesUid, sop);
        this.resources.set(instance, {
          type: 'Instance',
          name: sop,
          study: id,
          json: { ID: instance, Type: 'Instance', ParentSeries: seriesId, MainDicomTags: { SOPInstanceUID: sop } },
        });
      }
    }
    return id;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const asked = (request.url ?? '').replace(/^\/orthanc\//, '');
    this.asked.push(`${request.method} ${asked}`);
    const [path = '', query] = asked.split('?');
    const { fault } = this;
    if (fault === 'hang') return;
    if (fault === 'garbage') return void response.writeHead(200).end('<html>Orthanc</html>');
    if (fault === 'wrong-shape') return send(response, 200, { ID: 7 });
    if (fault !== null && 'redirect' in fault) return void response.writeHead(302, { location: fault.redirect }).end();
    if (fault !== null) return send(response, fault.status, { HttpError: 'made by the test' });
    if (!this.knows(request)) return send(response, 401, null);
    if (request.method === 'POST' && path === 'tools/lookup') return send(response, 200, this.lookUp(body));
    const [kind, id = '', rest] = path.split('/');
    const found = this.resources.get(id);
    if (request.method !== 'GET' || found === undefined || paths[found.type] !== kind) return send(response, 404, null);
    if (rest === undefined) return send(response, 200, this.json(found, query));
    if (rest === 'labels' && found.labels !== undefined && !this.old) return send(response, 200, found.labels);
    const study = rest === 'study' ? this.resources.get(found.study ?? '') : undefined;
    if (study === undefined) return send(response, 404, null);
    send(response, 200, this.json(study, query));
  }

  private json({ json, labels, issuer }: Resource, query?: string): unknown {
    if (labels === undefined || this.old) return json;
    const requested = new URLSearchParams(query).get('requestedTags');
    return {
      ...json,
      ...(this.labelsApart ? {} : { Labels: labels }),
      ...(requested === null ? {} : { RequestedTags: { [requested]: issuer } }),
    };
  }

  /** As if its files had gone. */
  remove(id: string): void {
    this.resources.delete(id);
  }

  private knows({ headers }: IncomingMessage): boolean {
    if (this.credentials === null) return true;
    const { username, password } = this.credentials;
    return headers.authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** Orthanc compares identifiers without regard to case. */
  private lookUp(text: string): unknown {
    return [...this.resources]
      .filter(([, { name }]) => name.toUpperCase() === text.toUpperCase())
      .map(([ID, { type }]) => ({ ID, Path: `/${paths[type]}/${ID}`, Type: type }));
  }
}

function send(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}

export function startOrthanc(
  credentials: { username: string; password: string } | null = { username: 'warden', password: 'orthanc-pwd' },
): Promise<OrthancDouble> {
  return new OrthancDouble(credentials).start();
}
