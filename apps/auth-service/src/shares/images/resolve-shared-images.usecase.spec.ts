import type { ShareResource } from '@warden/tokens';
import { InMemorySharesStore } from '../../../../../test/support/in-memory-shares.store.js';
import { Log } from '../../platform/observability/log.js';
import { SystemClock } from '../../platform/time/clock.js';
import { RevocationList } from '../../tokens/revocation-list.js';
import { type ImageStudy, Images, type ResolvedImages } from './images.js';
import { ResolveSharedImages, afterAttempt } from './resolve-shared-images.usecase.js';
import {
  type EndingRule,
  type ImagesProblem,
  type ImagesProgress,
  type LeasedShare,
  SharedImagesStore,
  type UnresolvedCounts,
} from './shared-images.store.js';
import { orthancUnavailable } from '../shares.errors.js';

/** Answers with a study of the resource's UID; `missing` is not there; it hangs or fails while told to. */
class FakeImages extends Images {
  configured = true;
  state: 'well' | 'away' | 'hanging' = 'well';
  asked: (string | null)[] = [];
  underWay = 0;
  most = 0;

  async resolve({ level, dicomUid }: ShareResource, signal: AbortSignal): Promise<ResolvedImages | null> {
    this.asked.push(dicomUid);
    this.most = Math.max(this.most, ++this.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.state === 'hanging' && !signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    this.underWay -= 1;
    if (this.state !== 'well' || dicomUid === 'malformed') throw orthancUnavailable(new Error('it answers 500'));
    if (dicomUid === null || dicomUid === 'missing') return null;
    return { level, orthancId: `o-${dicomUid}`, dicomUid, studies: [studyOf(dicomUid)] };
  }
}

const studyOf = (uid: string): ImageStudy => ({
  orthancId: `o-${uid}`,
  dicomUid: uid,
  patientId: 'P',
  patientIdIssuer: null,
  patientBirthDate: '19800229',
  studyDate: null,
  description: null,
  labels: [],
});

interface Settled {
  readonly progress: ImagesProgress;
  readonly seconds: number | null;
}

class FakeStore extends SharedImagesStore {
  waiting: LeasedShare[] = [];
  leases: number[] = [];
  kept = new Map<string, string[]>();
  settled = new Map<string, Settled>();
  broken = false;
  counted = 0;

  add(id: string, ...uids: (string | null)[]): void {
    const resources = uids.map((dicomUid) => ({ level: 'study' as const, dicomUid, orthancId: null, url: null }));
    this.waiting.push({ id, resources, progress: { attempts: 0, problem: null }, lease: id });
  }
  lease(limit: number): Promise<LeasedShare[]> {
    if (this.broken) return Promise.reject(new Error('no database'));
    this.leases.push(limit);
    return Promise.resolve(this.waiting.splice(0, limit));
  }
  keep(id: string, studies: readonly ImageStudy[]): Promise<void> {
    if (id === 'refused') return Promise.reject(new Error('no such text'));
    this.kept.set(
      id,
      studies.map((one) => one.dicomUid),
    );
    return Promise.resolve();
  }
  endingRule(): Promise<EndingRule | null> {
    return Promise.resolve(null);
  }
  settle({ id }: LeasedShare, progress: ImagesProgress, seconds: number | null): Promise<void> {
    this.settled.set(id, { progress, seconds });
    return Promise.resolve();
  }
  find(): Promise<null> {
    return Promise.resolve(null);
  }
  countUnresolved(): Promise<UnresolvedCounts> {
    this.counted += 1;
    return Promise.resolve({ waiting: 7, 'not-found': 0, 'orthanc-unavailable': 1 });
  }
}

class FakeLog extends Log {
  readonly lines: string[] = [];
  info(): void {}
  warn(event: string, fields = {}): void {
    this.lines.push(`${event} ${JSON.stringify(fields)}`);
  }
  error(): void {}
  line(): void {}
  flush(): void {}
}

let images: FakeImages;
let store: FakeStore;
let log: FakeLog;
let worker: ResolveSharedImages;
beforeEach(() => {
  [images, store, log] = [new FakeImages(), new FakeStore(), new FakeLog()];
  worker = new ResolveSharedImages(
    images,
    store,
    new InMemorySharesStore(),
    new RevocationList(),
    new SystemClock(),
    log,
  );
});

const done = { progress: { attempts: 0, problem: null }, seconds: null };
const failed = (problem: ImagesProblem, seconds: number) => ({ progress: { attempts: 1, problem }, seconds });

describe('afterAttempt', () => {
  const waits = (problem: ImagesProblem, times: number) => {
    let progress: ImagesProgress = { attempts: 0, problem: null };
    return Array.from({ length: times }, () => {
      const next = afterAttempt(progress, problem);
      ({ progress } = next);
      return next.seconds;
    });
  };

  it('asks an archive that is away again after 10 seconds, twice as long each time up to an hour, without end', () => {
    expect(waits('orthanc-unavailable', 11)).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    expect(waits('orthanc-unavailable', 3_000).at(-1)).toBe(3_600);
  });

  it('asks for what is not there after a minute, ten, an hour, then daily for 30 days, and gives up', () => {
    const all = waits('not-found', 34);
    expect(all.slice(0, 3)).toEqual([60, 600, 3_600]);
    expect(all.slice(3, 33)).toEqual(Array.from({ length: 30 }, () => 86_400));
    expect(all[33]).toBeNull();
  });

  it('begins anew when the problem is another one, so that an outage uses up no day', () => {
    expect(afterAttempt({ attempts: 40, problem: 'orthanc-unavailable' }, 'not-found')).toEqual(
      failed('not-found', 60),
    );
    expect(afterAttempt({ attempts: 9, problem: 'not-found' }, 'resolved')).toEqual(done);
  });
});

describe('ResolveSharedImages', () => {
  it('resolves every share that is due, batch by batch, four at a time', async () => {
    for (let index = 0; index < 40; index++) store.add(`s${index}`, `1.${index}`);
    await worker.execute();
    expect([store.settled.size, images.most, store.leases]).toEqual([40, 4, [16, 16, 16]]);
    expect(store.kept.get('s39')).toEqual(['1.39']);
    expect([...store.settled.values()]).toEqual(Array.from({ length: 40 }, () => done));
  });

  it('is done at once with a share of no images', async () => {
    store.add('none');
    store.add('nameless', null);
    store.waiting.push({
      id: 'system',
      resources: [{ level: 'system', dicomUid: 'x', orthancId: null, url: null }],
      progress: { attempts: 0, problem: null },
      lease: '',
    });
    await worker.execute();
    expect([...store.settled.values(), images.asked]).toEqual([done, done, done, []]);
  });

  it('keeps what it was told when another resource is not there', async () => {
    store.add('half', '1.1', 'missing', '1.2');
    await worker.execute();
    expect([store.kept.get('half'), store.settled.get('half')]).toEqual([['1.1', '1.2'], failed('not-found', 60)]);
  });

  it('tries one share at a time while the archive is away, and all when it is back', async () => {
    for (let index = 0; index < 40; index++) store.add(`s${index}`, `1.${index}`);
    images.state = 'away';
    await worker.execute();
    await worker.execute();
    await worker.execute();
    expect([store.leases, store.waiting.length]).toEqual([[16, 1, 1], 22]);
    expect(store.settled.get('s17')).toEqual(failed('orthanc-unavailable', 10));
    images.state = 'well';
    await worker.execute();
    expect([store.waiting.length, store.settled.get('s39')]).toEqual([0, done]);
    expect(log.lines).toEqual(['images-unavailable {"cause":"it answers 500"}']);
  });

  it('goes on past a share that the archive never answers well', async () => {
    store.add('bad', 'malformed');
    store.add('good', '1.1');
    await worker.execute();
    expect([store.settled.get('bad'), store.settled.get('good')]).toEqual([failed('orthanc-unavailable', 10), done]);
  });

  it('leaves a share whose studies cannot be stored to its lease, and does the others', async () => {
    store.add('refused', '1.1');
    store.add('good', '1.2');
    await worker.execute();
    expect([...store.settled]).toEqual([['good', done]]);
    expect(log.lines).toEqual(['images-postponed {"cause":"no such text"}']);
  });

  it('never rejects and tells of an outage of the database once', async () => {
    store.broken = true;
    await worker.execute();
    await worker.execute();
    expect(log.lines).toEqual(['images-postponed {"cause":"no database"}']);
  });

  it('runs once at a time', async () => {
    store.add('one', '1.1');
    expect(worker.execute()).toBe(worker.execute());
    await worker.execute();
    expect(images.asked).toEqual(['1.1']);
  });

  it('does nothing without an archive', async () => {
    images.configured = false;
    store.add('one', '1.1');
    await worker.execute();
    expect([store.leases, worker.unresolved()]).toEqual([[], []]);
  });

  it('counts what is unresolved, but not each time', async () => {
    await worker.execute();
    await worker.execute();
    expect([worker.unresolved(), store.counted]).toEqual([
      [
        ['waiting', 7],
        ['not-found', 0],
        ['orthanc-unavailable', 1],
      ],
      1,
    ]);
  });

  it('when it is stopped, gives back what is under way as it was, and begins nothing', async () => {
    for (let index = 0; index < 6; index++) store.add(`s${index}`, `1.${index}`);
    images.state = 'hanging';
    const running = worker.execute();
    while (images.underWay < 4) await new Promise((resolve) => setImmediate(resolve));
    await worker.stop();
    await running;
    const back = { progress: { attempts: 0, problem: null }, seconds: 0 };
    expect([...store.settled.values()]).toEqual(Array.from({ length: 6 }, () => back));
    store.add('later', '1.9');
    await worker.execute();
    expect(store.settled.has('later')).toBe(false);
  });
});
