/** The types of token that every installation knows; the plugin asks for them by these names. */
export const viewerTypes = [
  'osimis-viewer-publication',
  'stone-viewer-publication',
  'ohif-viewer-publication',
  'volview-viewer-publication',
  'meddream-viewer-publication',
  'meddream-instant-link',
  'viewer-instant-link',
  'download-instant-link',
] as const;

export type ViewerType = (typeof viewerTypes)[number];
