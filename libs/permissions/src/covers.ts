/** Ids that are null or empty are absent, here and in the question. */
export interface GrantedResource {
  readonly level: string;
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
  readonly url: string | null;
}

/** What a share token gives access to. */
export interface Grant {
  readonly resources: readonly GrantedResource[];
}

export type AccessMethod = 'get' | 'post' | 'put' | 'delete';

/** The plugin's question: may this method be used on this resource? */
export interface Access {
  readonly level: string | null;
  readonly method: AccessMethod;
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
  /** The labels of the resource. The plugin leaves the member out when there are none: null and empty mean the same. */
  readonly labels: readonly string[] | null;
}

/** The setting SHARE_POST. */
export type SharePost = 'compatible' | 'edge-only' | 'refuse';

export interface CoverRules {
  readonly sharePost: SharePost;
  /** The token is the internal one that the guard in front of Orthanc sets, after it judged method and path. */
  readonly edge: boolean;
  /** A resource that carries one of these is open to no share. */
  readonly labelsThatStopShares?: ReadonlySet<string>;
}

/** Why an access is not covered, in the order in which it is looked at. */
export type CoverFault =
  | 'write-refused'
  | 'system-level'
  | 'post-refused'
  /** The question names no resource, or the grant holds none. */
  | 'no-resource'
  | 'outside-grant'
  | 'label-stops-shares';

/** `cacheable`: whether the plugin may answer the same question from its cache. */
export type Coverage =
  { readonly covered: true; readonly cacheable: boolean } | { readonly covered: false; readonly reason: CoverFault };

/**
 * Decides whether a share covers an access. A share reads and never writes. A `post` cannot be told from a write by
 * what the plugin says of it, so `sharePost` decides, and outside the guard its grant is never cacheable.
 *
 * Ids are compared as they are, without trimming or folding: a comparison that forgives is one that can be fooled.
 */
export function covers(grant: Grant, access: Access, rules: CoverRules): Coverage {
  if (access.method !== 'get' && access.method !== 'post') return refuse('write-refused');
  if (access.level === 'system') return refuse('system-level');
  if (access.method === 'post' && !isPostAllowed(access, rules)) return refuse('post-refused');
  if (grant.resources.length === 0 || (!access.dicomUid && !access.orthancId)) return refuse('no-resource');
  if (!grant.resources.some((resource) => isSame(resource, access))) return refuse('outside-grant');
  const { labelsThatStopShares } = rules;
  if (labelsThatStopShares && access.labels?.some((label) => labelsThatStopShares.has(label))) {
    return refuse('label-stops-shares');
  }
  return { covered: true, cacheable: access.method === 'get' || rules.sharePost === 'edge-only' };
}

function refuse(reason: CoverFault): Coverage {
  return { covered: false, reason };
}

/** DICOMweb calls post to Orthanc's own `/tools/find`, asked without labels; labels tell of a client's own post. */
function isPostAllowed(access: Access, rules: CoverRules): boolean {
  switch (rules.sharePost) {
    case 'compatible':
      return !access.labels?.length;
    case 'edge-only':
      return rules.edge;
    case 'refuse':
      return false;
  }
}

/**
 * Both ids of the question belong to this one resource. The two are not looked up apart from each other: the uid of
 * one study with the Orthanc id of another is no study. An id that the resource lacks is not compared, but one match
 * there must be.
 */
function isSame(resource: GrantedResource, access: Access): boolean {
  if (resource.level === 'system') return false;
  if (access.level !== null && access.level !== resource.level) return false;
  const uid = compare(resource.dicomUid, access.dicomUid);
  const orthancId = compare(resource.orthancId, access.orthancId);
  return uid !== 'different' && orthancId !== 'different' && (uid === 'same' || orthancId === 'same');
}

function compare(granted: string | null, asked: string | null): 'same' | 'different' | 'not comparable' {
  if (!granted || !asked) return 'not comparable';
  return granted === asked ? 'same' : 'different';
}
