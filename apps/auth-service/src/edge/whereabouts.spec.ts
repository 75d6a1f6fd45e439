import type { NamedThing } from '@warden/orthanc';
import { Clock } from '../platform/time/clock.js';
import { type ImageStudy, Images } from '../shares/index.js';
import { Whereabouts } from './whereabouts.js';

type ResolvedImages = NonNullable<Awaited<ReturnType<Images['resolve']>>>;

class SetClock extends Clock {
  time = 0;
  now = (): number => this.time;
  monotonic = (): number => this.time;
}
class Archive extends Images {
  configured = true;
  readonly asked: string[] = [];
  signal: AbortSignal | null = null;
  answer: () => Promise<ResolvedImages | null> = () => Promise.resolve(null);
  resolve(
    { level, dicomUid, orthancId }: Parameters<Images['resolve']>[0],
    signal: AbortSignal,
  ): Promise<ResolvedImages | null> {
    this.signal = signal;
    this.asked.push(`${level} ${dicomUid} ${orthancId}`);
    return this.answer();
  }
}

const study = { orthancId: 'a', dicomUid: '1.1', patientId: 'P' } as ImageStudy;
const found: ResolvedImages = { level: 'study', orthancId: 'a', dicomUid: '1.1', studies: [study] };
const thing = (more: Partial<NamedThing> = {}): NamedThing => ({ level: 'study', by: 'dicomUid', id: '1.1', ...more });

let clock: SetClock;
let archive: Archive;
let whereabouts: Whereabouts;
beforeEach(() => {
  clock = new SetClock();
  archive = new Archive();
  whereabouts = new Whereabouts(archive, clock);
});

describe('where a thing belongs', () => {
  it('is not known before the archive told, and known for a minute from then on', async () => {
    archive.answer = () => Promise.resolve(found);
    expect(whereabouts.known(thing())).toBeUndefined();
    expect(await whereabouts.find(thing())).toEqual(study);
    clock.time = 59_999;
    expect(whereabouts.known(thing())).toEqual(study);
    clock.time = 60_000;
    expect(whereabouts.known(thing())).toBeUndefined();
    expect(archive.asked).toEqual(['study 1.1 null']);
  });

  it('is asked by the very id and level, and kept apart by them', async () => {
    archive.answer = () => Promise.resolve(found);
    await whereabouts.find(thing({ level: 'series', by: 'orthancId', id: 'x' }));
    expect(archive.asked).toEqual(['series null x']);
    for (const other of [
      thing({ level: 'study', by: 'orthancId', id: 'x' }),
      thing({ level: 'series', by: 'dicomUid', id: 'x' }),
      thing({ level: 'instance', by: 'orthancId', id: 'x' }),
      thing({ level: 'series', by: 'orthancId', id: 'X' }),
      thing({ level: 'series', by: 'orthancId', id: '__proto__' }),
    ])
      expect(whereabouts.known(other)).toBeUndefined();
  });

  it('is known to be nowhere when the archive says so', async () => {
    expect(await whereabouts.find(thing())).toBeNull();
    expect(whereabouts.known(thing())).toBeNull();
  });

  it('is not remembered when the archive cannot tell', async () => {
    archive.answer = () => Promise.reject(new Error('down'));
    await expect(whereabouts.find(thing())).rejects.toThrow('down');
    expect(whereabouts.known(thing())).toBeUndefined();
    archive.answer = () => Promise.resolve(found);
    expect(await whereabouts.find(thing())).toEqual(study);
  });

  it('counts for ten minutes more while the archive cannot tell, and not a study that was nowhere', async () => {
    archive.answer = () => Promise.resolve(found);
    await whereabouts.find(thing());
    archive.answer = () => Promise.resolve(null);
    await whereabouts.find(thing({ id: 'gone' }));
    archive.answer = () => Promise.reject(new Error('down'));
    clock.time += 61_000;
    expect(whereabouts.known(thing())).toBeUndefined();
    expect(await whereabouts.find(thing())).toEqual(study);
    expect(whereabouts.known(thing())).toEqual(study);
    await expect(whereabouts.find(thing({ id: 'gone' }))).rejects.toThrow('down');
    clock.time += 5_000;
    expect(whereabouts.known(thing())).toBeUndefined();
    clock.time += 534_000;
    await expect(whereabouts.find(thing())).rejects.toThrow('down');
  });

  it('is asked once, however many wait for it, and all are told', async () => {
    let tell: (found: ResolvedImages | null) => void = () => undefined;
    archive.answer = () => new Promise((resolve) => (tell = resolve));
    const waiting = Array.from({ length: 50 }, () => whereabouts.find(thing()));
    tell(found);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([study]));
    expect(archive.asked).toHaveLength(1);
    void whereabouts.find(thing());
    expect(archive.asked).toHaveLength(2);
    tell(found);
  });

  it('fails for all who wait for it, once', async () => {
    let fail: (error: Error) => void = () => undefined;
    archive.answer = () => new Promise((_resolve, reject) => (fail = reject));
    const waiting = Array.from({ length: 5 }, () => whereabouts.find(thing()));
    fail(new Error('down'));
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  });

  it('is asked with a limit in time', async () => {
    await whereabouts.find(thing());
    expect(archive.signal).toBeInstanceOf(AbortSignal);
  });

  it('is forgotten of what was asked for longest, when there is no room', async () => {
    archive.answer = () => Promise.resolve(found);
    for (let index = 0; index <= 40_000; index++) await whereabouts.find(thing({ id: `${index}` }));
    expect([0, 19_999, 20_000, 40_000].map((id) => whereabouts.known(thing({ id: `${id}` })) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
