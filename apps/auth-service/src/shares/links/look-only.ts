/** What takes images away as they are, of all that an archive gives. */
export type Download = 'archive' | 'file' | 'object' | 'attachment';

/**
 * Of viewers that can show images which are not to be taken away: what they cannot do without. Stone reads whole DICOM
 * objects; OHIF reads tags and frames. VolView and MedDream are not here: the one reads archives, the other has a way of
 * its own.
 */
const needs: ReadonlyMap<string, readonly Download[]> = new Map([
  ['stone-viewer-publication', ['object']],
  ['osimis-viewer-publication', ['file']],
  ['ohif-viewer-publication', []],
]);

/** Types of share of which the images can be looked at and not taken away. */
export const lookOnlyTypes: readonly string[] = [...needs.keys()];

/** Whether the viewer of a type shows nothing without this. */
export function needsDownload(type: string | null, download: Download): boolean {
  return type !== null && needs.get(type)?.includes(download) === true;
}
