import fc from 'fast-check';
import { type NewShare, RESOURCE_LEVELS, buildSharePayload, parseSharePayload } from './share-payload.js';

const ORTHANC_ID = '11111111-22222222-33333333-44444444-55555555';
const expiry = '2099-01-01T00:00:00+00:00';
const expiryMs = Date.UTC(2099, 0, 1);

const generation3 = {
  id: 'demo-1',
  resources: [{ dicom_uid: '1.2.3', orthanc_id: ORTHANC_ID, url: null, level: 'study' }],
  type: 'stone-viewer-publication',
  expiration_date: expiry,
  validity_duration: null,
};
const study = { level: 'study', dicomUid: '1.2.3', orthancId: ORTHANC_ID, url: null };

describe('parseSharePayload', () => {
  it('reads generation 3', () => {
    expect(parseSharePayload(generation3)).toEqual({
      generation: 3,
      label: 'demo-1',
      type: 'stone-viewer-publication',
      resources: [study],
      anonymized: false,
      expiresAt: expiryMs,
      notBefore: null,
      issuedAt: null,
      validityDuration: null,
      jti: null,
      gated: false,
      parent: null,
      edge: false,
      noArchive: false,
      session: null,
    });
  });

  it('reads generation 2, whose studies are studies', () => {
    const studies = [
      { dicom_uid: '1.2.3', orthanc_id: ORTHANC_ID, level: 'series' },
      { dicom_uid: '9.8.7', orthanc_id: null },
    ];
    const payload = parseSharePayload({ id: 'x', studies, anonymized: true, type: 't', expiration_date: expiry });
    expect(payload).toMatchObject({ generation: 2, anonymized: true, expiresAt: expiryMs });
    expect(payload?.resources).toEqual([study, { level: 'study', dicomUid: '9.8.7', orthancId: null, url: null }]);
  });

  it('reads generation 1, one study, with or without anonymized', () => {
    const json = { id: 'x', dicom_uid: '1.2.3', orthanc_id: ORTHANC_ID, type: 't', expiration_date: null };
    expect(parseSharePayload(json)).toMatchObject({ generation: 1, anonymized: false, resources: [study] });
    expect(parseSharePayload({ ...json, anonymized: true })).toMatchObject({ generation: 1, anonymized: true });
  });

  it('reads a token without resources, as a gated link is', () => {
    expect(parseSharePayload({ ...generation3, resources: [] })?.resources).toEqual([]);
  });

  it('reads that a link is gated, and whose viewer a token is', () => {
    const parent = 'AAAAAAAAAAAAAAAAAAAAAA';
    expect(parseSharePayload({ ...generation3, gated: true })).toMatchObject({ gated: true, parent: null });
    expect(parseSharePayload({ ...generation3, parent, parent_iat: 1 })?.parent).toEqual({
      identity: parent,
      issuedAt: 1000,
    });
  });

  it.each([
    [{ gated: 'true' }],
    [{ gated: 1 }],
    [{ parent: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    [{ parent_iat: 1 }],
    [{ parent: 'too-short', parent_iat: 1 }],
    [{ parent: null, parent_iat: 1 }],
    [{ parent: 'AAAAAAAAAAAAAAAAAAAAAA', parent_iat: '1' }],
    [{ parent: ['AAAAAAAAAAAAAAAAAAAAAA'], parent_iat: 1 }],
  ])('takes no half-said gate or parent: %j', (claims) => {
    expect(parseSharePayload({ ...generation3, ...claims })).toBeNull();
  });

  const digest = 'A'.repeat(43);

  it("reads what is the guard's, what is for looking only, and whose browser a viewer belongs to", () => {
    expect(parseSharePayload({ ...generation3, edge: true })).toMatchObject({ edge: true, noArchive: false });
    expect(parseSharePayload({ ...generation3, no_archive: true })).toMatchObject({ edge: false, noArchive: true });
    expect(parseSharePayload({ ...generation3, session: digest, session_until: 2 })?.session).toEqual({
      digest,
      until: 2000,
    });
  });

  it.each([
    [{ edge: 'true' }],
    [{ edge: 1 }],
    [{ edge: {} }],
    [{ no_archive: 'false' }],
    [{ no_archive: 0 }],
    [{ no_archive: [] }],
    [{ session: digest }],
    [{ session_until: 2 }],
    [{ session: null, session_until: 2 }],
    [{ session: digest, session_until: null }],
    [{ session: digest, session_until: '2' }],
    [{ session: digest, session_until: Infinity }],
    [{ session: digest, session_until: 8.64e12 + 1 }],
    [{ session: '', session_until: 2 }],
    [{ session: 'too-short', session_until: 2 }],
    [{ session: `${digest}A`, session_until: 2 }],
    [{ session: `${digest}\n`, session_until: 2 }],
    [{ session: [digest], session_until: 2 }],
    [{ session: { digest }, session_until: 2 }],
  ])('takes no half-said limit of a viewer: %j', (claims) => {
    expect(parseSharePayload({ ...generation3, ...claims })).toBeNull();
  });

  it('takes null for not said where nothing is lost by it', () => {
    expect(parseSharePayload({ ...generation3, edge: null, no_archive: null })).toMatchObject({
      edge: false,
      noArchive: false,
    });
  });

  it('takes an absent type, id or expiry for null, and unknown members for nothing', () => {
    expect(parseSharePayload({ resources: [], foo: 'bar' })).toMatchObject({
      label: null,
      type: null,
      expiresAt: null,
      validityDuration: null,
    });
  });

  it('takes empty ids for absent ones', () => {
    const resources = [{ dicom_uid: '', orthanc_id: '', url: null, level: 'study' }];
    expect(parseSharePayload({ ...generation3, resources })?.resources).toEqual([
      { level: 'study', dicomUid: null, orthancId: null, url: null },
    ]);
  });

  it.each([
    [{ exp: 4_000_000_000 }, 4_000_000_000_000],
    [{ exp: 5_000_000_000 }, expiryMs],
    [{ exp: 1.5 }, 1500],
    [{ exp: 5_000_000_000, expiration_date: null }, 5_000_000_000_000],
    [{ exp: 0, expiration_date: null }, 0],
  ])('lets the earlier end win: %j', (claims, expiresAt) => {
    expect(parseSharePayload({ ...generation3, ...claims })?.expiresAt).toBe(expiresAt);
  });

  it('reads nbf and iat as seconds', () => {
    expect(parseSharePayload({ ...generation3, nbf: 2, iat: 1 })).toMatchObject({ notBefore: 2000, issuedAt: 1000 });
  });

  it('keeps a jti that is a text only', () => {
    expect(parseSharePayload({ ...generation3, jti: 'abc' })?.jti).toBe('abc');
    expect(parseSharePayload({ ...generation3, jti: 17 })?.jti).toBeNull();
  });

  it.each([
    ['a text', 'share'],
    ['null', null],
    ['a list', [generation3]],
    ['an object that is no share', { sub: 'x', realm_access: { roles: [] } }],
    ['resources that are null', { ...generation3, resources: null }],
    ['resources that are an object', { ...generation3, resources: {} }],
    ['a resource that is a text', { ...generation3, resources: ['1.2.3'] }],
    ['a resource that is null', { ...generation3, resources: [null] }],
    ['a resource without a level', { ...generation3, resources: [{ dicom_uid: '1.2.3' }] }],
    ['a resource of an unknown level', { ...generation3, resources: [{ dicom_uid: '1.2.3', level: 'studies' }] }],
    ['a level named as a member of every object', { ...generation3, resources: [{ level: 'constructor' }] }],
    ['a uid that is a number', { ...generation3, resources: [{ dicom_uid: 1.2, level: 'study' }] }],
    ['an Orthanc id that is a list', { ...generation3, resources: [{ orthanc_id: ['x'], level: 'study' }] }],
    ['a url that is an object', { ...generation3, resources: [{ url: {}, level: 'study' }] }],
    ['studies that are a text', { studies: '1.2.3' }],
    ['a study uid that is a number', { dicom_uid: 5, orthanc_id: null }],
    ['an id that is a number', { ...generation3, id: 5 }],
    ['a type that is a number', { ...generation3, type: 5 }],
    ['anonymized that is a text', { ...generation3, anonymized: 'true' }],
    ['an expiry without an offset', { ...generation3, expiration_date: '2099-01-01T00:00:00' }],
    ['an expiry that is a date only', { ...generation3, expiration_date: '2099-01-01' }],
    ['an expiry that is empty', { ...generation3, expiration_date: '' }],
    ['an expiry that is a number', { ...generation3, expiration_date: 4070908800 }],
    ['an expiry beyond the calendar', { ...generation3, expiration_date: '+275760-09-13T00:00:01Z' }],
    ['exp that is a text', { ...generation3, exp: '4070908800' }],
    ['exp that is null', { ...generation3, exp: null }],
    ['exp beyond what a date can be', { ...generation3, exp: 8.64e12 + 1 }],
    ['exp that overflows', { ...generation3, exp: Infinity }],
    ['nbf that is a text', { ...generation3, nbf: '0' }],
    ['nbf that is null', { ...generation3, nbf: null }],
    ['nbf before what a date can be', { ...generation3, nbf: -8.64e12 - 1 }],
    ['iat that is a text', { ...generation3, iat: 'now' }],
    ['a validity duration that is a text', { ...generation3, validity_duration: '60' }],
  ])('refuses %s', (_, json) => {
    expect(parseSharePayload(json)).toBeNull();
  });

  it('never throws', () => {
    const members = [
      ...['resources', 'studies', 'dicom_uid', 'expiration_date', 'exp', 'nbf', 'id', 'level', '__proto__'],
      ...['parent', 'parent_iat', 'edge', 'no_archive', 'session', 'session_until'],
    ];
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('value')), tie('object')),
      object: fc.dictionary(fc.constantFrom(...members), tie('value')),
    }));
    fc.assert(
      fc.property(json.object, (value) => {
        parseSharePayload(value);
      }),
    );
  });
});

describe('buildSharePayload', () => {
  const share: NewShare = {
    label: 'demo-1',
    resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: ORTHANC_ID, url: null }],
    type: 'stone-viewer-publication',
    expirationDate: expiry,
    validityDuration: null,
    jti: 'AAAAAAAAAAAAAAAAAAAAAA',
    issuedAt: 1_700_000_000_999,
  };

  it('writes the members of the incumbent in its order, then ours', () => {
    expect(JSON.stringify(buildSharePayload(share))).toBe(
      `{"id":"demo-1","resources":[{"dicom_uid":"1.2.3","orthanc_id":"${ORTHANC_ID}","url":null,"level":"study"}],` +
        `"type":"stone-viewer-publication","expiration_date":"${expiry}","validity_duration":null,` +
        `"jti":"AAAAAAAAAAAAAAAAAAAAAA","iat":1700000000}`,
    );
  });

  it('writes empty ids as given, as the incumbent does', () => {
    const resources = [{ level: 'study' as const, dicomUid: '', orthancId: '', url: null }];
    expect(buildSharePayload({ ...share, resources }).resources[0]).toMatchObject({ dicom_uid: '', orthanc_id: '' });
  });

  it('rounds the end of a visit down, so that a viewer never goes on for longer', () => {
    const session = { digest: 'A'.repeat(43), until: 1_999 };
    expect(buildSharePayload({ ...share, session }).session_until).toBe(1);
  });

  it('says nothing of what is not so', () => {
    const text = JSON.stringify(
      buildSharePayload({ ...share, gated: false, edge: false, noArchive: false, session: null, parent: null }),
    );
    expect(text).toBe(JSON.stringify(buildSharePayload(share)));
  });

  it('rounds a not-before up, so that a share never opens early', () => {
    expect(buildSharePayload({ ...share, notBefore: 1001 }).nbf).toBe(2);
  });

  it('is read back as it was', () => {
    const id = fc.option(fc.string({ minLength: 1, unit: 'binary' }));
    const resource = fc.record({ level: fc.constantFrom(...RESOURCE_LEVELS), dicomUid: id, orthancId: id, url: id });
    const shares = fc.record({
      label: id,
      resources: fc.array(resource),
      type: id,
      expirationDate: fc.constantFrom(null, expiry),
      validityDuration: fc.option(fc.integer()),
      jti: fc.string(),
      issuedAt: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000),
      gated: fc.boolean(),
      parent: fc.option(
        fc.record({
          identity: fc
            .uint8Array({ minLength: 16, maxLength: 16 })
            .map((bytes) => Buffer.from(bytes).toString('base64url')),
          issuedAt: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000),
        }),
      ),
      edge: fc.boolean(),
      noArchive: fc.boolean(),
      session: fc.option(
        fc.record({
          digest: fc
            .uint8Array({ minLength: 32, maxLength: 32 })
            .map((bytes) => Buffer.from(bytes).toString('base64url')),
          until: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000),
        }),
      ),
    });
    fc.assert(
      fc.property(shares, (given) => {
        const { expirationDate, ...same } = given;
        expect(parseSharePayload(JSON.parse(JSON.stringify(buildSharePayload(given))))).toEqual({
          ...same,
          generation: 3,
          anonymized: false,
          notBefore: null,
          expiresAt: expirationDate === null ? null : expiryMs,
        });
      }),
    );
  });
});
