import { Injectable } from '@nestjs/common';
import type { ShareResource } from '@warden/tokens';
import type { LinksConfig } from '../../platform/config/config.js';
import { viewerTypes } from '../../tokens/index.js';
import type { Share } from '../share.js';
import { studyUidsOf } from './meddream-tokens.js';
import { unknownTokenType, viewerNotConfigured } from '../shares.errors.js';

/** How a type of token is opened. */
type Opening =
  | {
      readonly kind: 'viewer';
      readonly setting: string;
      readonly root: string | null;
      readonly path: (resources: Ids, token: string) => string | null;
    }
  | { readonly kind: 'meddream' }
  | { readonly kind: 'extra'; readonly url: string | null }
  | { readonly kind: 'none' };

/** A viewer as a recipient chooses it. */
export interface OfferedViewer {
  /** The type of token that it opens with. */
  readonly id: string;
  /** Its proper name, the same in every language. */
  readonly name: string;
}

const viewerNames: Readonly<Record<string, string>> = {
  'stone-viewer-publication': 'Stone Web Viewer',
  'ohif-viewer-publication': 'OHIF Viewer',
  'volview-viewer-publication': 'VolView',
  'osimis-viewer-publication': 'Osimis Web Viewer',
  'meddream-viewer-publication': 'MedDream',
};

/** Types whose link can be opened on our landing page: a viewer behind it. */
export const gateableTypes: readonly string[] = Object.keys(viewerNames);

interface Ids {
  /** Joined with commas; null when a resource lacks one, or when there is no resource. */
  readonly dicomUids: string | null;
  readonly orthancIds: string | null;
  readonly orthancIdList: readonly string[];
}

/** Builds the addresses of shares from configured roots and checked ids, never from anything that a caller sent as an address. */
@Injectable()
export class ViewerLinks {
  constructor(private readonly config: LinksConfig) {}

  /**
   * Throws `unknown-token-type`, `viewer-not-configured` or, of resources that are given, `meddream-needs-study-uid`: so that
   * nothing is minted that could never be opened.
   */
  requireOpenable(type: string, resources?: readonly ShareResource[]): void {
    const opening = this.opening(type);
    if (opening === null) throw unknownTokenType([...viewerTypes, ...this.config.extraTypes.keys()]);
    if (opening.kind === 'viewer' && opening.root === null) throw viewerNotConfigured(opening.setting);
    if (opening.kind === 'meddream') {
      if (this.config.meddreamRoot === null) throw viewerNotConfigured('PUBLIC_MEDDREAM_ROOT');
      if (this.config.meddreamTokenService === null) throw viewerNotConfigured('MEDDREAM_TOKEN_SERVICE_URL');
      if (resources !== undefined) studyUidsOf(resources);
    }
  }

  isGateable(type: string): boolean {
    return gateableTypes.includes(type);
  }

  named(type: string): OfferedViewer {
    return { id: type, name: viewerNames[type] ?? type };
  }

  /** Further viewers that are configured and can open these resources; MedDream, which is asked each time, is not among them. */
  others(type: string, resources: readonly ShareResource[]): OfferedViewer[] {
    return gateableTypes
      .filter((other) => other !== type && !this.isMeddreamPublication(other) && this.opens(other, resources))
      .map((other) => this.named(other));
  }

  /** What the recipient of a gated share may choose among, its own viewer first. */
  offeredBy({ type, viewers, resources }: Pick<Share, 'type' | 'viewers' | 'resources'>): OfferedViewer[] {
    const chosen = (viewers ?? []).filter((other) => other !== type && this.opens(other, resources));
    return [type, ...chosen].map((one) => this.named(one));
  }

  /** Whether this viewer is configured and the resources have the ids that it needs. */
  opens(type: string, resources: readonly ShareResource[]): boolean {
    const opening = this.opening(type);
    if (opening?.kind === 'viewer') return opening.root !== null && opening.path(idsOf(resources), '') !== null;
    const { meddreamRoot, meddreamTokenService } = this.config;
    if (!this.isMeddreamPublication(type) || meddreamRoot === null || meddreamTokenService === null) return false;
    return this.meddreamUrl(resources, '') !== null;
  }

  /** The archive of a single study; null: there are several, or its Orthanc id is not known. */
  downloadUrl(resources: readonly ShareResource[], token: string): string | null {
    const [study, second] = resources;
    if (study?.orthancId == null || study.level !== 'study' || second !== undefined) return null;
    if (this.config.orthancRoot === null) return null;
    return join(this.config.orthancRoot, `studies/${escaped(study.orthancId)}/archive?token=${token}`);
  }

  /** Whether a browser shows the cookies of our landing page to the archive, and to the viewer of this type. */
  haveOneOrigin(type: string): boolean {
    const { shareRoot, orthancRoot, ohifRoot } = this.config;
    const roots = [orthancRoot, ...(type === 'ohif-viewer-publication' ? [ohifRoot] : [])];
    return shareRoot !== null && roots.every((root) => root !== null && isOneOrigin(root, shareRoot));
  }

  /** Our own landing page, where links are exchanged; null: its public address is not known. */
  get shareRoot(): string | null {
    return this.config.shareRoot;
  }

  /** The type's own kind of token is the viewer's, asked for at minting. */
  isMeddreamInstant(type: string): boolean {
    return type === 'meddream-instant-link';
  }

  isMeddreamPublication(type: string): boolean {
    return type === 'meddream-viewer-publication';
  }

  /** The address to hand out: the landing page's for publications, null where the caller builds it or ids are missing. */
  shareUrl(type: string, resources: readonly ShareResource[], token: string): string | null {
    const opening = this.opening(type);
    if (opening?.kind === 'extra') return opening.url?.replace('{token}', () => token) ?? null;
    const direct = this.isMeddreamPublication(type)
      ? this.meddreamUrl(resources, token)
      : this.viewerUrl(type, resources, token);
    if (direct === null || this.config.landingRoot === null) return direct;
    return `${this.config.landingRoot}?token=${token}`;
  }

  /** Where the viewer opens: what the landing page redirects to. Null when the type has no viewer or an id is missing. */
  viewerUrl(type: string, resources: readonly ShareResource[], token: string): string | null {
    const opening = this.opening(type);
    if (opening?.kind !== 'viewer') return null;
    const path = opening.path(idsOf(resources), token);
    return path === null ? null : join(opening.root, path);
  }

  meddreamUrl(resources: readonly ShareResource[], meddreamToken: string): string | null {
    const { dicomUids } = idsOf(resources);
    return dicomUids === null || resources.some(({ level }) => level !== 'study')
      ? null
      : join(this.config.meddreamRoot, `?study=${dicomUids}&token=${meddreamToken}`);
  }

  private opening(type: string): Opening | null {
    const orthanc = { kind: 'viewer', setting: 'PUBLIC_ORTHANC_ROOT', root: this.config.orthancRoot } as const;
    switch (type) {
      case 'osimis-viewer-publication':
        return {
          ...orthanc,
          path: ({ orthancIds: ids }, token) =>
            ids && `osimis-viewer/app/index.html?pickableStudyIds=${ids}&selectedStudyIds=${ids}&token=${token}`,
        };
      case 'stone-viewer-publication':
        return {
          ...orthanc,
          path: ({ dicomUids: uids }, token) =>
            uids && `stone-webviewer/index.html?study=${uids}&selectedStudies=${uids}&token=${token}`,
        };
      case 'volview-viewer-publication':
        return { ...orthanc, path: volviewPath };
      case 'ohif-viewer-publication':
        return {
          kind: 'viewer',
          setting: 'PUBLIC_OHIF_ROOT',
          root: this.config.ohifRoot,
          path: ({ dicomUids, orthancIds }, token) =>
            this.config.ohifDataSource === 'dicom-json'
              ? orthancIds && `viewer?url=../studies/${orthancIds}/ohif-dicom-json&token=${token}`
              : dicomUids && `viewer?StudyInstanceUIDs=${dicomUids}&token=${token}`,
        };
      case 'meddream-viewer-publication':
      case 'meddream-instant-link':
        return { kind: 'meddream' };
      case 'viewer-instant-link':
      case 'download-instant-link':
        return { kind: 'none' };
      default: {
        const extra = this.config.extraTypes.get(type);
        return extra === undefined ? null : { kind: 'extra', url: extra.url };
      }
    }
  }
}

function volviewPath({ orthancIds, orthancIdList: ids }: Ids, token: string): string | null {
  if (orthancIds === null) return null;
  const archives = ids.map((id) => `../studies/${id}/archive`);
  // One study: as existing links have it, without brackets around the address.
  const [names, urls] =
    ids.length === 1
      ? ['archive.zip', archives[0]]
      : [ids.map((_, index) => `${archiveName(index)}.zip`).join(','), `[${archives.join(',')}]`];
  return `volview/index.html?names=[${names}]&urls=${urls}&token=${token}`;
}

/** a, b, …, z, aa, ab, … */
function archiveName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : archiveName(Math.floor(index / 26) - 1) + letter;
}

function idsOf(resources: readonly ShareResource[]): Ids {
  const dicomUids = resources.map((one) => escaped(one.dicomUid));
  const orthancIds = resources.map((one) => escaped(one.orthancId));
  const joined = (ids: readonly string[]) => (ids.length === 0 || ids.includes('') ? null : ids.join(','));
  return { dicomUids: joined(dicomUids), orthancIds: joined(orthancIds), orthancIdList: orthancIds };
}

/** A patient's id is free text, and a token that was minted elsewhere may hold anything: nothing of it may end the query. */
function escaped(id: string | null): string {
  return id === null ? '' : encodeURIComponent(id.toWellFormed());
}

/**
 * Resolves a relative reference against a root (RFC 3986 section 5.2.3): a root without a trailing slash loses its
 * last segment, as existing installations rely on. The root's own spelling is kept.
 */
function join(root: string | null, reference: string): string {
  if (root === null) return reference;
  const base = root.replace(/[?#].*$/, '');
  const authority = /^[a-z]+:\/\/[^/]*/i.exec(base)?.[0] ?? '';
  const path = base.slice(authority.length);
  if (reference.startsWith('?')) return `${base}${path === '' ? '/' : ''}${reference}`;
  return `${authority}${path.slice(0, path.lastIndexOf('/') + 1) || '/'}${reference}`;
}

function isOneOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}
