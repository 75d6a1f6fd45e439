import type { Gives } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';

/** What takes images away as they are. */
const downloads: ReadonlySet<Gives> = new Set<Gives>(['archive', 'file', 'object', 'attachment']);

/** What a viewer cannot show images without. VolView, which reads whole archives, has no way to look only. */
const neededBy: Readonly<Record<string, readonly Gives[]>> = {
  'stone-viewer-publication': ['object'],
  'osimis-viewer-publication': ['file'],
  'ohif-viewer-publication': [],
};

/** Types of share of which the images can be looked at and not taken away. */
export const lookedAtOnly: readonly string[] = Object.keys(neededBy);

/** Whether a share that is not to be downloaded gives this all the same, because its viewer needs it. */
export function mayGive(gives: Gives, { noArchive, type }: Pick<ShareToken, 'noArchive' | 'type'>): boolean {
  if (!noArchive || !downloads.has(gives)) return true;
  return type !== null && Object.hasOwn(neededBy, type) && neededBy[type]?.includes(gives) === true;
}
