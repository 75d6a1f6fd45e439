import { Injectable } from '@nestjs/common';
import { holds } from '@warden/permissions';
import type { ShareResource } from '@warden/tokens';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Images, type ResolvedImages } from '../images/images.js';
import { labelsNotChecked, pluginMintRefused, studyNotFound } from '../shares.errors.js';

/** `plugin`: the routes that the plugin calls. `person`: Orthanc's own address, where the plugin has no say. */
export type SharingWay = 'plugin' | 'person';

export abstract class SharerRules {
  abstract readonly pluginMint: 'allow' | 'refuse';
}

/** Milliseconds for all questions of one share: Orthanc's own caller waits for 10 s. */
const timeForAll = 8_000;
/** Questions to the archive at once. */
const abreast = 8;

/** What Orthanc asks of these two beside `share`: whoever may look at or download a study needs a link for it. */
const alsoEnough: Readonly<Record<string, string>> = {
  'viewer-instant-link': 'view',
  'download-instant-link': 'download',
};

/** The one place that decides who may share what. */
@Injectable()
export class CheckSharer {
  constructor(
    private readonly images: Images,
    private readonly rules: SharerRules,
  ) {}

  /**
   * What the resources are, in their order; null where the archive was not asked. Throws when the caller may not share
   * all of it, or when that cannot be told now.
   */
  async execute(
    { type, resources }: { readonly type: string; readonly resources: readonly ShareResource[] },
    caller: Caller,
    way: SharingWay,
  ): Promise<readonly ResolvedImages[] | null> {
    if (way === 'plugin' && this.isThePlugin(caller)) return null;
    if (way === 'person' && !mayShareType(caller, type))
      throw new DomainError('not-allowed', 'These credentials may not share by this type of token.');
    if (this.images.configured) return this.checkAll(resources, caller);
    if (!caller.labels.includes('*')) throw labelsNotChecked();
    return null;
  }

  /** It asked Orthanc before it asks here, but does not say for whom. */
  private isThePlugin({ scopes, permissions }: Caller): boolean {
    if (!scopes.includes('plugin')) return false;
    if (this.rules.pluginMint === 'allow') return true;
    if (holds(permissions, 'share')) return false;
    throw pluginMintRefused();
  }

  private async checkAll(resources: readonly ShareResource[], caller: Caller): Promise<readonly ResolvedImages[]> {
    const found = new Map<number, ResolvedImages>();
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(timeForAll)]);
    const waiting = [...resources.entries()];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        found.set(next[0], checked(await this.images.resolve(next[1], signal), caller));
    };
    try {
      await Promise.all(Array.from({ length: Math.min(abreast, resources.length) }, worker));
    } finally {
      // The first refusal ends the questions that are still under way.
      waiting.length = 0;
      ended.abort();
    }
    return resources.map((_, index) => found.get(index) as ResolvedImages);
  }
}

/** What is not there and what the caller may not see get the same answer: else it would tell which studies exist. */
function checked(found: ResolvedImages | null, { labels: allowed }: Caller): ResolvedImages {
  if (found === null) throw studyNotFound();
  if (allowed.includes('*')) return found;
  for (const { labels } of found.studies) {
    if (labels === null) throw labelsNotChecked();
    if (!labels.some((label) => allowed.includes(label))) throw studyNotFound();
  }
  return found;
}

function mayShareType({ permissions }: Caller, type: string): boolean {
  const other = Object.hasOwn(alsoEnough, type) ? alsoEnough[type] : undefined;
  return holds(permissions, 'share') || (other !== undefined && holds(permissions, other));
}
