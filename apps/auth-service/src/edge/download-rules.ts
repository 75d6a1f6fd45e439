import type { Gives } from '@warden/orthanc';
import type { ShareToken } from '@warden/tokens';
import { type Download, needsDownload } from '../shares/index.js';

/** Whether this is given to a share: of one that is not to be downloaded, its viewer may need it all the same. */
export function mayGive(gives: Gives, { noArchive, type }: Pick<ShareToken, 'noArchive' | 'type'>): boolean {
  return !noArchive || !isDownload(gives) || needsDownload(type, gives);
}

function isDownload(gives: Gives): gives is Download {
  return gives === 'archive' || gives === 'file' || gives === 'object' || gives === 'attachment';
}
