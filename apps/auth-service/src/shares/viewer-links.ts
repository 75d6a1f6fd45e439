import { Injectable } from '@nestjs/common';
import type { ShareResource } from '@warden/tokens';
import type { LinksConfig } from '../platform/config/config.js';
import { viewerTypes } from '../tokens/index.js';
import { unknownTokenType, viewerNotConfigured } from './shares.errors.js';

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

  /** Throws `unknown-token-type` or `viewer-not-configured`, so that nothing is minted that could never be opened. */
  requireOpenable(type: string): void {
    const opening = this.opening(type);
    if (opening === null) throw unknownTokenType([...viewerTypes, ...this.config.extraTypes.keys()]);
    if (opening.kind === 'viewer' && opening.root === null) throw viewerNotConfigured(opening.setting);
    if (opening.kind === 'meddream') {
      if (this.config.meddreamRoot === null) throw viewerNotConfigured('PUBLIC_MEDDREAM_ROOT');
      if (this.config.meddreamTokenService === null) throw viewerNotConfigured('MEDDREAM_TOKEN_SERVICE_URL');
    }
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
    return dicomUids === null ? null : join(this.config.meddreamRoot, `?study=${dicomUids}&token=${meddreamToken}`);
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
