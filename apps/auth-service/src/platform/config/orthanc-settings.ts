import { Secret } from '../observability/secret.js';
import type { OrthancConfig } from './config.js';
import type { SettingReader } from './setting-reader.js';

/** Reads where Orthanc's REST API is, for labels and patients; null: it is not asked. */
export function readOrthanc(reader: SettingReader): OrthancConfig | null {
  const url = reader.httpUrl('ORTHANC_URL');
  const username = reader.text('ORTHANC_USERNAME');
  const password = reader.text('ORTHANC_PASSWORD');
  if (username === null && password !== null)
    reader.fault('ORTHANC_USERNAME', 'is missing; it goes together with ORTHANC_PASSWORD');
  if (username !== null && password === null)
    reader.fault('ORTHANC_PASSWORD', 'is missing; it goes together with ORTHANC_USERNAME');
  if (username?.includes(':') === true) reader.fault('ORTHANC_USERNAME', 'must not hold a colon (RFC 7617 section 2)');
  if (url === null) {
    if (username !== null && reader.text('ORTHANC_URL') === null)
      reader.fault('ORTHANC_URL', 'is missing; ORTHANC_USERNAME is of no use without it');
    return null;
  }
  const { username: user, password: secret, search, hash } = new URL(url);
  if (user !== '' || secret !== '')
    reader.fault('ORTHANC_URL', 'must not hold credentials; use ORTHANC_USERNAME and ORTHANC_PASSWORD');
  if (search !== '' || hash !== '') reader.fault('ORTHANC_URL', 'must not hold a query or a fragment');
  return {
    url: url.endsWith('/') ? url : `${url}/`,
    credentials: username === null || password === null ? null : { username, password: new Secret(password) },
  };
}
