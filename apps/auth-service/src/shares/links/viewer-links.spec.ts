import type { ShareResource } from '@warden/tokens';
import type { LinksConfig } from '../../platform/config/config.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { ViewerLinks } from './viewer-links.js';

const config: LinksConfig = {
  orthancRoot: 'https://pacs.example/orthanc/',
  landingRoot: null,
  shareRoot: null,
  shareLinks: 'token',
  ohifRoot: 'https://pacs.example/ohif/',
  ohifDataSource: 'dicom-web',
  meddreamRoot: 'https://pacs.example/meddream/',
  meddreamTokenService: 'http://meddream/token',
  extraTypes: new Map([
    ['inbox-link', { url: 'https://pacs.example/inbox?a=1&token={token}#top', permissions: ['upload'] }],
    ['silent-link', { url: null, permissions: [] }],
  ]),
};
const links = (more: Partial<LinksConfig> = {}) => new ViewerLinks({ ...config, ...more });
const study = (dicomUid: string | null, orthancId: string | null): ShareResource => ({
  level: 'study',
  dicomUid,
  orthancId,
  url: null,
});
const one = [study('1.2.3', 'a-1')];
const two = [study('1.2.3', 'a-1'), study('1.2.4', 'b-2')];
const three = [...two, study('1.2.5', 'c-3')];
const root = 'https://pacs.example';

describe('the address of the viewer', () => {
  it.each<[string, ShareResource[], string]>([
    [
      'osimis-viewer-publication',
      one,
      '/orthanc/osimis-viewer/app/index.html?pickableStudyIds=a-1&selectedStudyIds=a-1&token=T',
    ],
    [
      'osimis-viewer-publication',
      two,
      '/orthanc/osimis-viewer/app/index.html?pickableStudyIds=a-1,b-2&selectedStudyIds=a-1,b-2&token=T',
    ],
    ['stone-viewer-publication', one, '/orthanc/stone-webviewer/index.html?study=1.2.3&selectedStudies=1.2.3&token=T'],
    [
      'stone-viewer-publication',
      two,
      '/orthanc/stone-webviewer/index.html?study=1.2.3,1.2.4&selectedStudies=1.2.3,1.2.4&token=T',
    ],
    ['ohif-viewer-publication', one, '/ohif/viewer?StudyInstanceUIDs=1.2.3&token=T'],
    ['ohif-viewer-publication', two, '/ohif/viewer?StudyInstanceUIDs=1.2.3,1.2.4&token=T'],
    [
      'volview-viewer-publication',
      one,
      '/orthanc/volview/index.html?names=[archive.zip]&urls=../studies/a-1/archive&token=T',
    ],
    [
      'volview-viewer-publication',
      two,
      '/orthanc/volview/index.html?names=[a.zip,b.zip]&urls=[../studies/a-1/archive,../studies/b-2/archive]&token=T',
    ],
    [
      'volview-viewer-publication',
      three,
      '/orthanc/volview/index.html?names=[a.zip,b.zip,c.zip]&urls=[../studies/a-1/archive,../studies/b-2/archive,../studies/c-3/archive]&token=T',
    ],
  ])('of %s is as the plugin documents it', (type, resources, address) => {
    expect(links().viewerUrl(type, resources, 'T')).toBe(root + address);
  });

  it('of OHIF with dicom-json names Orthanc ids', () => {
    const json = links({ ohifDataSource: 'dicom-json' });
    expect(json.viewerUrl('ohif-viewer-publication', one, 'T')).toBe(
      `${root}/ohif/viewer?url=../studies/a-1/ohif-dicom-json&token=T`,
    );
    expect(json.viewerUrl('ohif-viewer-publication', [study('1.2.3', null)], 'T')).toBeNull();
  });

  it('of MedDream carries the token of MedDream', () => {
    expect(links().meddreamUrl(two, 'M')).toBe(`${root}/meddream/?study=1.2.3,1.2.4&token=M`);
    expect(links().meddreamUrl([study(null, 'a-1')], 'M')).toBeNull();
    expect(links().meddreamUrl([{ ...study('1.2.3.4', null), level: 'series' }], 'M')).toBeNull();
  });

  it('is none where one study lacks the id, or there is no study', () => {
    for (const type of ['osimis-viewer-publication', 'volview-viewer-publication']) {
      for (const resources of [[], [study('1.2.3', null)], [study('1.2.3', '')], [...one, study('1.2.4', null)]])
        expect(links().viewerUrl(type, resources, 'T')).toBeNull();
      expect(links().viewerUrl(type, [study(null, 'a-1')], 'T')).not.toBeNull();
    }
    for (const type of ['stone-viewer-publication', 'ohif-viewer-publication']) {
      for (const resources of [[], [study(null, 'a-1')], [study('', 'a-1')], [...one, study(null, 'b-2')]])
        expect(links().viewerUrl(type, resources, 'T')).toBeNull();
      expect(links().viewerUrl(type, [study('1.2.3', null)], 'T')).not.toBeNull();
    }
  });

  it('is none for types without a viewer of ours, and for unknown ones', () => {
    for (const type of [
      'viewer-instant-link',
      'download-instant-link',
      'meddream-instant-link',
      'inbox-link',
      'no-such-type',
      'constructor',
      '',
    ]) {
      expect(links().viewerUrl(type, one, 'T')).toBeNull();
    }
  });

  it.each([
    ['https://h/orthanc/', 'https://h/orthanc/'],
    ['https://h/orthanc', 'https://h/'],
    ['https://h/a/b', 'https://h/a/'],
    ['https://h', 'https://h/'],
    ['https://h/', 'https://h/'],
    ['http://h:8042/a/', 'http://h:8042/a/'],
    ['HTTPS://H/a/', 'HTTPS://H/a/'],
    ['https://h/a/?x=/y/#/z/', 'https://h/a/'],
    ['http://[::1]:80/a', 'http://[::1]:80/'],
  ])(
    'at the root %s begins with %s: without a slash the last part is lost (RFC 3986 section 5.2.3)',
    (orthancRoot, begins) => {
      expect(links({ orthancRoot }).viewerUrl('stone-viewer-publication', one, 'T')).toBe(
        `${begins}stone-webviewer/index.html?study=1.2.3&selectedStudies=1.2.3&token=T`,
      );
    },
  );

  // A PatientID is free text, and links that were minted elsewhere hold what their minter let through.
  it.each(['P&token=other', 'P#', 'P 1', 'MÜLLER^患者', 'P\r\nSet-Cookie: x', '"><script>', 'P%00', '\ud800'])(
    'escapes an id that is free text: %j',
    (id) => {
      for (const [type, resource] of [
        ['stone-viewer-publication', study(id, null)],
        ['osimis-viewer-publication', study(null, id)],
        ['volview-viewer-publication', study(null, id)],
      ] as const) {
        const address = links().viewerUrl(type, [resource], 'T') ?? '';
        expect(address).toMatch(/^[\x21-\x7e]+$/);
        expect(new URL(address).searchParams.getAll('token')).toEqual(['T']);
        expect(new URL(address).hash).toBe('');
      }
    },
  );
});

describe('the address to hand out', () => {
  const landing = 'https://pacs.example/share/';

  it('is the landing page for each publication, once there is one', () => {
    for (const type of [
      'osimis-viewer-publication',
      'stone-viewer-publication',
      'ohif-viewer-publication',
      'volview-viewer-publication',
      'meddream-viewer-publication',
    ]) {
      expect(links({ landingRoot: landing }).shareUrl(type, two, 'T')).toBe(`${landing}?token=T`);
    }
  });

  it('is the viewer where there is no landing page', () => {
    expect(links().shareUrl('stone-viewer-publication', one, 'T')).toBe(
      links().viewerUrl('stone-viewer-publication', one, 'T'),
    );
  });

  it('is none for instant links, and for what the viewer could not open', () => {
    for (const type of ['viewer-instant-link', 'download-instant-link']) {
      for (const landingRoot of [null, landing]) expect(links({ landingRoot }).shareUrl(type, one, 'T')).toBeNull();
    }
    expect(links({ landingRoot: landing }).shareUrl('stone-viewer-publication', [study(null, 'a-1')], 'T')).toBeNull();
  });

  it("is the installation's own for its own types, whatever the token holds", () => {
    expect(links({ landingRoot: landing }).shareUrl('inbox-link', [], 'T')).toBe(`${root}/inbox?a=1&token=T#top`);
    expect(links().shareUrl('inbox-link', [], '$&$1')).toBe(`${root}/inbox?a=1&token=$&$1#top`);
    expect(links().shareUrl('silent-link', [], 'T')).toBeNull();
  });
});

describe('what can be opened', () => {
  const codeOf = (type: string, more: Partial<LinksConfig> = {}): string | null => {
    try {
      links(more).requireOpenable(type);
      return null;
    } catch (error) {
      return error instanceof DomainError ? `${error.code}: ${error.detail}` : String(error);
    }
  };

  it.each<[string, Partial<LinksConfig>, string]>([
    ['osimis-viewer-publication', { orthancRoot: null }, 'PUBLIC_ORTHANC_ROOT'],
    ['stone-viewer-publication', { orthancRoot: null }, 'PUBLIC_ORTHANC_ROOT'],
    ['volview-viewer-publication', { orthancRoot: null }, 'PUBLIC_ORTHANC_ROOT'],
    ['ohif-viewer-publication', { ohifRoot: null }, 'PUBLIC_OHIF_ROOT'],
    ['meddream-viewer-publication', { meddreamRoot: null }, 'PUBLIC_MEDDREAM_ROOT'],
    ['meddream-instant-link', { meddreamRoot: null }, 'PUBLIC_MEDDREAM_ROOT'],
    ['meddream-instant-link', { meddreamTokenService: null }, 'MEDDREAM_TOKEN_SERVICE_URL'],
  ])('%s needs its root, and the refusal names the setting', (type, missing, setting) => {
    expect(codeOf(type)).toBeNull();
    expect(codeOf(type, missing)).toBe(`viewer-not-configured: Set ${setting} to mint tokens of this type.`);
  });

  it('is for MedDream whole studies only, each with its UID', () => {
    for (const type of ['meddream-viewer-publication', 'meddream-instant-link']) {
      expect(() => links().requireOpenable(type, two)).not.toThrow();
      for (const resources of [
        [],
        [study(null, 'a-1')],
        [study('', 'a-1')],
        [...one, study(null, 'b-2')],
        [{ ...study('1.2.3.4', null), level: 'series' as const }],
      ])
        expect(() => links().requireOpenable(type, resources)).toThrow(
          expect.objectContaining({ code: 'meddream-needs-study-uid' }),
        );
    }
    expect(() => links().requireOpenable('stone-viewer-publication', [study(null, 'a-1')])).not.toThrow();
  });

  it('needs no root for instant links and for own types', () => {
    const nothing = { orthancRoot: null, ohifRoot: null, meddreamRoot: null, meddreamTokenService: null };
    for (const type of ['viewer-instant-link', 'download-instant-link', 'inbox-link', 'silent-link'])
      expect(codeOf(type, nothing)).toBeNull();
  });

  it('is no unknown type, and the refusal names those that there are', () => {
    for (const type of ['', 'constructor', '__proto__', 'stone', 'STONE-VIEWER-PUBLICATION']) {
      expect(codeOf(type)).toMatch(/^unknown-token-type: .*stone-viewer-publication.*inbox-link/);
    }
  });
});

describe('what a recipient may choose among', () => {
  const idsOf = (viewers: { id: string }[]): string[] => viewers.map(({ id }) => id);
  const stone = 'stone-viewer-publication';
  const ohif = 'ohif-viewer-publication';
  const volview = 'volview-viewer-publication';
  const osimis = 'osimis-viewer-publication';
  const meddream = 'meddream-viewer-publication';

  it('are further viewers that are configured and have the ids that they need; never MedDream, which is asked each time', () => {
    expect(idsOf(links().others(stone, one))).toEqual([ohif, volview, osimis]);
    expect(idsOf(links().others(ohif, one))).toEqual([stone, volview, osimis]);
    expect(idsOf(links().others(stone, [study('1.2.3', null)]))).toEqual([ohif]);
    expect(idsOf(links().others(ohif, [study(null, 'a-1')]))).toEqual([volview, osimis]);
    expect(links({ orthancRoot: null, ohifRoot: null }).others(stone, one)).toEqual([]);
    expect(links().others(stone, [])).toEqual([]);
  });

  it('is its own viewer first, whatever it is, and of those that were chosen once what opens today', () => {
    const of = (type: string, viewers: string[] | null, resources = one): string[] =>
      idsOf(links().offeredBy({ type, viewers, resources }));
    expect(of(stone, null)).toEqual([stone]);
    expect(of(stone, [volview, ohif])).toEqual([stone, volview, ohif]);
    expect(of(stone, [stone, ohif])).toEqual([stone, ohif]);
    expect(of(stone, [volview, ohif, meddream, 'inbox-link', '__proto__'], [study('1.2.3', null)])).toEqual([
      stone,
      ohif,
      meddream,
    ]);
    expect(idsOf(links({ ohifRoot: null }).offeredBy({ type: ohif, viewers: [ohif, stone], resources: one }))).toEqual([
      ohif,
      stone,
    ]);
  });

  it('is called by its proper name', () => {
    expect([stone, ohif, volview, osimis, meddream].map((type) => links().named(type).name)).toEqual([
      'Stone Web Viewer',
      'OHIF Viewer',
      'VolView',
      'Osimis Web Viewer',
      'MedDream',
    ]);
    expect(links().named('inbox-link')).toEqual({ id: 'inbox-link', name: 'inbox-link' });
  });

  it('opens where its root is set and the resources suit it', () => {
    expect([stone, ohif, volview, osimis, meddream].filter((type) => !links().opens(type, two))).toEqual([]);
    for (const type of ['viewer-instant-link', 'meddream-instant-link', 'inbox-link', 'no-such-type', 'constructor'])
      expect([type, links().opens(type, one)]).toEqual([type, false]);
    for (const missing of [{ meddreamRoot: null }, { meddreamTokenService: null }])
      expect(links(missing).opens(meddream, one)).toBe(false);
    expect(links().opens(meddream, [{ ...study('1.2', null), level: 'series' }])).toBe(false);
    expect(links({ ohifRoot: null }).opens(ohif, one)).toBe(false);
  });
});

describe('the address of a download', () => {
  it('is the archive of a single study whose Orthanc id is known', () => {
    expect(links().downloadUrl(one, 'T')).toBe(`${root}/orthanc/studies/a-1/archive?token=T`);
    expect(links().downloadUrl([study(null, 'a/../b?c')], 'T')).toBe(
      `${root}/orthanc/studies/a%2F..%2Fb%3Fc/archive?token=T`,
    );
  });

  it.each<[string, ShareResource[]]>([
    ['of nothing', []],
    ['of two studies', two],
    ['of a study by its UID alone', [study('1.2.3', null)]],
    ['of a series', [{ ...study('1.2.3', 'a-1'), level: 'series' }]],
    ['of a patient', [{ ...study('P1', 'a-1'), level: 'patient' }]],
  ])('is none %s', (_title, resources) => expect(links().downloadUrl(resources, 'T')).toBeNull());

  it('is none where Orthanc has no public address', () => {
    expect(links({ orthancRoot: null }).downloadUrl(one, 'T')).toBeNull();
  });
});
