import type { ResourceLevel } from '@warden/tokens';

export type AccessMethod = 'get' | 'post' | 'put' | 'delete';

/** What the plugin asks about: a resource of Orthanc, or a system route. */
export interface Access {
  /** Null: the caller does not say. */
  readonly level: ResourceLevel | null;
  readonly method: AccessMethod;
  readonly dicomUid: string | null;
  readonly orthancId: string | null;
  /** Labels of the resource; null when the member was not sent. */
  readonly labels: readonly string[] | null;
  readonly serverId: string | null;
}
