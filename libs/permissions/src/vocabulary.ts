const entries = [
  { name: 'all', meaning: 'Stands for every permission of this list and every custom one.' },
  { name: 'view', meaning: 'See studies, their images and their tags.' },
  { name: 'download', meaning: 'Download studies and series as archives, and instances as files.' },
  { name: 'delete', meaning: 'Delete studies, series and instances.' },
  { name: 'send', meaning: 'Send studies to other systems: DICOM modalities, DICOMweb servers, Orthanc peers.' },
  { name: 'modify', meaning: 'Change the tags of studies and series.' },
  { name: 'anonymize', meaning: 'Make anonymized copies of studies and series.' },
  { name: 'upload', meaning: 'Add DICOM files to Orthanc.' },
  { name: 'q-r-remote-modalities', meaning: 'Query remote modalities and retrieve studies from them.' },
  { name: 'settings', meaning: 'See the settings and the state of Orthanc.' },
  { name: 'api-view', meaning: 'See the developer options of the user interface, which call the REST API.' },
  { name: 'edit-labels', meaning: 'Add labels to studies and take them off.' },
  { name: 'admin-permissions', meaning: 'Change what each role may do; list and revoke the shares of others.' },
  { name: 'audit-logs', meaning: 'Read the audit trail.' },
  { name: 'worklists', meaning: 'Manage worklists.' },
  { name: 'share', meaning: 'Share studies by a link, and revoke the links made by oneself.' },
] as const;

/** The names that the authorization plugin and its user interface know. */
export type Permission = (typeof entries)[number]['name'];

export interface PermissionEntry {
  readonly name: Permission;
  readonly meaning: string;
}

/** In the order in which the incumbent lists them. Other names are legal: the plugin lets a site define its own. */
export const PERMISSIONS: readonly PermissionEntry[] = entries;

const known: ReadonlySet<string> = new Set(entries.map(({ name }) => name));

export function isPermission(name: string): name is Permission {
  return known.has(name);
}

/** Whether a set of permissions includes one, known or custom. `all` includes each. */
export function holds(permissions: readonly string[], name: string): boolean {
  return permissions.includes(name) || permissions.includes('all');
}

/** Permissions that nobody without a name should have. */
export const neverForAnyone: readonly string[] = [
  'all',
  'upload',
  'delete',
  'modify',
  'anonymize',
  'settings',
  'edit-labels',
  'admin-permissions',
  'share',
  'q-r-remote-modalities',
  'send',
  'audit-logs',
  'api-view',
];
