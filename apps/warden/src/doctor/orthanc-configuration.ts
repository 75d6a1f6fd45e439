import { defaults } from './orthanc-defaults.js';
import { type Section, sectionOf } from './section.js';

export interface ConfigurationFile {
  /** As it was named. */
  readonly name: string;
  readonly path: string;
  /** Before variables were put in. */
  readonly text: string;
  readonly mode: number;
  readonly options: Section;
  /** Variables without a value. */
  readonly missingVariables: readonly string[];
  /** Options that stand in it more than once. */
  readonly repeated: readonly string[];
}

type Name<T> = {
  [Option in keyof typeof defaults]: (typeof defaults)[Option] extends T ? Option : never;
}[keyof typeof defaults];

/** What Orthanc goes by: the files together, and its own defaults for what they leave out. */
export class OrthancConfiguration {
  /** Options that stand in more than one file, `Authorization.CheckedLevel` for one inside a section. */
  readonly conflicts: readonly string[];
  /** Sections that several files have a part of. */
  readonly dividedSections: readonly string[];
  private readonly merged: Section;

  constructor(readonly files: readonly ConfigurationFile[]) {
    const [conflicts, divided] = [new Set<string>(), new Set<string>()];
    this.merged = files.reduce<Section>(
      (all, { options }) =>
        mergedOptions(all, options, '', { conflict: (at) => conflicts.add(at), division: (at) => divided.add(at) }),
      {},
    );
    this.conflicts = [...conflicts];
    this.dividedSections = [...divided];
  }

  /** Null when no file says it. Of two files the first counts: a finding says that there are two. */
  value(option: string): unknown {
    return this.merged[option] ?? null;
  }

  on(option: Name<boolean>): boolean {
    const value = this.value(option);
    return typeof value === 'boolean' ? value : defaults[option];
  }

  number(option: Name<number>): number {
    const value = this.value(option);
    return typeof value === 'number' ? value : defaults[option];
  }

  text(option: Name<string>): string {
    const value = this.value(option);
    return typeof value === 'string' ? value : defaults[option];
  }

  section(option: string): Section | null {
    return sectionOf(this.value(option));
  }

  /** Authentication is on wherever remote access is, unless the configuration says otherwise (Orthanc 1.5.8). */
  get authenticates(): boolean {
    const value = this.value('AuthenticationEnabled');
    return typeof value === 'boolean' ? value : this.on('RemoteAccessAllowed');
  }

  /** Others than this machine may ask. */
  get isReachable(): boolean {
    if (!this.on('HttpServerEnabled') || !this.on('RemoteAccessAllowed')) return false;
    const addresses = this.value('HttpBindAddresses');
    return !(
      Array.isArray(addresses) &&
      addresses.length > 0 &&
      addresses.every((one) => /^(127\.|::1$)/.test(String(one)))
    );
  }

  /** `orthanc.json: RemoteAccessAllowed`, for people. */
  where(option: string): string {
    const file = this.fileOf(option);
    return file === undefined ? `${option} (not set)` : `${file.name}: ${option}`;
  }

  /** The file that names a path, which the path is relative to. */
  pathOf(option: string): string {
    return this.fileOf(option)?.path ?? this.files[0]?.path ?? '';
  }

  private fileOf(option: string): ConfigurationFile | undefined {
    return this.files.find(({ options }) => Object.hasOwn(options, option));
  }
}

interface Told {
  conflict(option: string): void;
  division(section: string): void;
}

function mergedOptions(all: Section, more: Section, inside: string, told: Told): Section {
  const merged: Record<string, unknown> = { ...all };
  for (const [option, value] of Object.entries(more)) {
    const [there, section] = [sectionOf(all[option]), sectionOf(value)];
    if (!Object.hasOwn(all, option)) merged[option] = value;
    else if (there === null || section === null) told.conflict(inside + option);
    else {
      if (inside === '') told.division(option);
      merged[option] = mergedOptions(there, section, `${inside}${option}.`, told);
    }
  }
  return merged;
}
