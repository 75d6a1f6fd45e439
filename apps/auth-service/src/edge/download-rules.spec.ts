import type { Gives } from '@warden/orthanc';
import { mayGive } from './download-rules.js';

const all: Gives[] = ['page', 'tags', 'pixels', 'object', 'file', 'archive', 'attachment'];
const given = (noArchive: boolean, type: string | null): Gives[] =>
  all.filter((gives) => mayGive(gives, { noArchive, type }));

describe('what a share gives', () => {
  it.each(['stone-viewer-publication', 'ohif-viewer-publication', 'download-instant-link', null])(
    'is all of it, when it may be downloaded: %s',
    (type) => {
      expect(given(false, type)).toEqual(all);
    },
  );

  it.each<[string | null, Gives[]]>([
    ['stone-viewer-publication', ['object']],
    ['osimis-viewer-publication', ['file']],
    ['ohif-viewer-publication', []],
    ['volview-viewer-publication', []],
    ['meddream-viewer-publication', []],
    ['download-instant-link', []],
    ['no-such-type', []],
    ['__proto__', []],
    ['constructor', []],
    ['', []],
    [null, []],
  ])('is, when it may not be downloaded, for %s no more than looking needs', (type, needed) => {
    expect(given(true, type)).toEqual(['page', 'tags', 'pixels', ...needed]);
  });
});
