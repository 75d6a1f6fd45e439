import type { ShareResource } from '@warden/tokens';
import type { Caller } from '../../platform/http/caller.js';
import { CheckSharer } from './check-sharer.js';
import { Images, type ResolvedImages } from '../images/images.js';

/** Knows every study but those without a UID; label `A`. */
class FakeImages extends Images {
  configured = true;
  asked = 0;
  underWay = 0;
  most = 0;

  async resolve({ level, dicomUid }: ShareResource): Promise<ResolvedImages | null> {
    this.asked += 1;
    this.most = Math.max(this.most, ++this.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay -= 1;
    if (dicomUid === null) return null;
    const unknown = {
      patientId: null,
      patientIdIssuer: null,
      patientBirthDate: null,
      studyDate: null,
      description: null,
    };
    const study = { orthancId: 'o', dicomUid, ...unknown, labels: ['A'] };
    return { level, orthancId: 'o', dicomUid, studies: [study] };
  }
}

const person: Caller = {
  id: 'keycloak:1',
  name: 'Ada',
  via: 'bearer',
  scopes: [],
  permissions: ['share'],
  labels: ['A'],
  roles: [],
};
const resource = (dicomUid: string | null): ShareResource => ({
  level: 'study',
  dicomUid,
  orthancId: null,
  url: null,
});
const request = (...uids: (string | null)[]) => ({ type: 'stone-viewer-publication', resources: uids.map(resource) });

let images: FakeImages;
const check = (pluginMint: 'allow' | 'refuse' = 'allow') => new CheckSharer(images, { pluginMint });
beforeEach(() => (images = new FakeImages()));

describe('CheckSharer', () => {
  it('asks for every resource, eight at a time', async () => {
    await check().execute(request(...Array.from({ length: 200 }, (_, index) => `1.${index}`)), person, 'person');
    expect([images.asked, images.most]).toEqual([200, 8]);
  });

  it('asks no more after the first refusal', async () => {
    const uids = [null, ...Array.from({ length: 199 }, () => '1.2')];
    await expect(check().execute(request(...uids), person, 'person')).rejects.toMatchObject({
      code: 'study-not-found',
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(images.asked).toBeLessThan(20);
  });

  it('at the address of persons, the scope of the plugin counts for nothing', async () => {
    const both: Caller = { ...person, scopes: ['plugin'] };
    await expect(check().execute(request(null), both, 'person')).rejects.toMatchObject({ code: 'study-not-found' });
    await expect(check().execute(request('1'), { ...both, permissions: [] }, 'person')).rejects.toMatchObject({
      code: 'not-allowed',
    });
    await check().execute(request(null), both, 'plugin');
  });

  it('with PLUGIN_MINT=refuse, a plugin that is also a person who may share is checked as that person', async () => {
    const both: Caller = { ...person, scopes: ['plugin'] };
    await check('refuse').execute(request('1'), both, 'plugin');
    await expect(check('refuse').execute(request(null), both, 'plugin')).rejects.toMatchObject({
      code: 'study-not-found',
    });
    await expect(
      check('refuse').execute(request('1'), { ...both, permissions: ['view'] }, 'plugin'),
    ).rejects.toMatchObject({ code: 'plugin-mint-refused' });
  });

  it.each(['__proto__', 'constructor', 'inbox-link'])(
    'gives the type %s to no one without the permission to share',
    async (type) => {
      await expect(
        check().execute({ ...request('1'), type }, { ...person, permissions: ['view', 'download'] }, 'person'),
      ).rejects.toMatchObject({ code: 'not-allowed' });
    },
  );
});
