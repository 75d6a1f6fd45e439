import type { ExtraTokenType, LinksConfig } from './config.js';
import { isObject, isTextList } from './json-shapes.js';
import type { SettingReader } from './setting-reader.js';

/** Reads the roots of viewers and landing page; `ourLanding` is given where nothing at all is configured. */
export function readLinks(reader: SettingReader, warnings: string[], ourLanding: string | null): LinksConfig {
  const given = {
    orthancRoot: reader.httpUrl('PUBLIC_ORTHANC_ROOT'),
    landingRoot: reader.httpUrl('PUBLIC_LANDING_ROOT'),
    ohifRoot: reader.httpUrl('PUBLIC_OHIF_ROOT'),
    meddreamRoot: reader.httpUrl('PUBLIC_MEDDREAM_ROOT'),
  };
  for (const [name, root] of [
    ['PUBLIC_ORTHANC_ROOT', given.orthancRoot],
    ['PUBLIC_OHIF_ROOT', given.ohifRoot],
  ] as const) {
    if (root !== null && !root.endsWith('/')) {
      warnings.push(`${name} has no trailing slash: links lose its last path segment (RFC 3986 section 5.2.3)`);
    }
  }
  if (given.meddreamRoot !== null && !given.meddreamRoot.endsWith('/')) {
    reader.fault('PUBLIC_MEDDREAM_ROOT', 'must end with a slash');
  }
  const shareRoot = reader.httpUrl('PUBLIC_SHARE_ROOT');
  if (shareRoot !== null && (!shareRoot.endsWith('/') || /[?#]/.test(shareRoot)))
    reader.fault('PUBLIC_SHARE_ROOT', 'must end with a slash and hold neither ? nor #');
  const shareLinks = reader.choice('SHARE_LINKS', 'token', ['token', 'opaque'] as const);
  if (shareLinks === 'opaque' && shareRoot === null && ourLanding === null)
    reader.fault('PUBLIC_SHARE_ROOT', 'is needed for SHARE_LINKS=opaque: the public address of the landing page');
  const source = reader.text('OHIF_DATA_SOURCE') ?? 'dicom-web';
  if (source !== 'dicom-web' && source !== 'dicom-json') {
    warnings.push('OHIF_DATA_SOURCE is neither dicom-web nor dicom-json: dicom-web is used');
  }
  // A local Orthanc and our own landing page: so that a first link can be minted on a machine where nothing is set up.
  const useDefaults = ourLanding !== null && Object.values(given).every((root) => root === null);
  return {
    ...given,
    ...(useDefaults
      ? { orthancRoot: 'http://localhost:8042/', ohifRoot: 'http://localhost:8042/ohif/', landingRoot: ourLanding }
      : {}),
    shareRoot: shareRoot ?? (useDefaults ? ourLanding : null),
    shareLinks,
    ohifDataSource: source === 'dicom-json' ? 'dicom-json' : 'dicom-web',
    meddreamTokenService: reader.httpUrl('MEDDREAM_TOKEN_SERVICE_URL'),
    extraTypes: readExtraTypes(reader),
  };
}

function readExtraTypes(reader: SettingReader): ReadonlyMap<string, ExtraTokenType> {
  const name = 'EXTRA_TOKEN_TYPES';
  const types = new Map<string, ExtraTokenType>();
  const value = reader.json(name);
  if (value === undefined) return types;
  if (!isObject(value)) {
    reader.fault(name, 'must be a JSON object of type to {"url", "permissions"}');
    return types;
  }
  for (const [type, entry] of Object.entries(value)) {
    const url = isObject(entry) ? (entry.url ?? null) : undefined;
    const permissions = isObject(entry) ? (entry.permissions ?? []) : undefined;
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(type)) {
      reader.fault(name, `type ${JSON.stringify(type)} must be lower-case letters, digits and dashes`);
    } else if (url !== null && (typeof url !== 'string' || !/^https?:\/\//.test(url) || !url.includes('{token}'))) {
      reader.fault(name, `type ${JSON.stringify(type)}: "url" must be an http(s) URL that holds {token}, or null`);
    } else if (!isTextList(permissions)) {
      reader.fault(name, `type ${JSON.stringify(type)}: "permissions" must be a list of names`);
    } else {
      types.set(type, { url, permissions });
    }
  }
  return types;
}
