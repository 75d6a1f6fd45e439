import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import forge from 'node-forge';
import { faultOfAuthority, issue, makeAuthority, pkcs12 } from './certificate-authority.js';

const now = Date.UTC(2026, 10, 21, 12);
const authority = makeAuthority('Hospital A private CA', now);
const hosts = ['orthanc.example.org', '10.0.0.7', 'fd00::7'];
const orthanc = issue(authority, { commonName: 'site-a', hosts, purposes: ['serverAuth', 'clientAuth'] }, now);
const person = issue(authority, { commonName: 'jan', hosts: [], purposes: ['clientAuth'] }, now);
const read = ({ certificate }: { certificate: string }) => new X509Certificate(certificate);
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

describe('an authority', () => {
  const ca = read(authority);

  it('signs itself, says that it is one, and lives for ten years', () => {
    expect(ca.ca).toBe(true);
    expect(ca.checkIssued(ca)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(Date.parse(ca.validTo)).toBe(Date.UTC(2036, 10, 21, 12));
    expect(faultOfAuthority(authority, now)).toBeUndefined();
  });

  it('has a key of 3072 bits that fits', () => {
    expect(ca.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    expect(ca.checkPrivateKey(createPrivateKey(authority.key))).toBe(true);
  });

  it.each([
    ['a leaf', person, now, 'is not an authority'],
    ['another key', { ...authority, key: person.key }, now, 'has a key that is not its own'],
    ['no PEM', { certificate: 'x', key: 'y' }, now, 'cannot be read'],
    ['ten years later', authority, Date.UTC(2036, 10, 21), 'is over'],
  ])('with %s signs nothing', (_what, given, at, fault) => {
    expect(faultOfAuthority(given, at)).toContain(fault);
  });
});

describe('a certificate', () => {
  it('is signed by the authority, and is none itself', () => {
    for (const leaf of [orthanc, person].map(read)) {
      expect(leaf.ca).toBe(false);
      expect(leaf.checkIssued(read(authority))).toBe(true);
      expect(leaf.verify(read(authority).publicKey)).toBe(true);
      expect(leaf.verify(read(makeAuthority('Other', now)).publicKey)).toBe(false);
    }
    expect(read(orthanc).checkPrivateKey(createPrivateKey(orthanc.key))).toBe(true);
  });

  it('holds each name and each address, and no other', () => {
    const leaf = read(orthanc);
    expect(leaf.subjectAltName).toBe('DNS:orthanc.example.org, IP Address:10.0.0.7, IP Address:FD00:0:0:0:0:0:0:7');
    expect(leaf.checkHost('orthanc.example.org')).toBe('orthanc.example.org');
    expect(leaf.checkIP('10.0.0.7')).toBe('10.0.0.7');
    expect(leaf.checkIP('fd00::7')).toBe('fd00::7');
    expect(leaf.checkHost('site-a')).toBeUndefined();
    expect(leaf.checkIP('10.0.0.8')).toBeUndefined();
    expect(read(person).subjectAltName).toBeUndefined();
  });

  it("is written as RFC 5280 asks: names in UTF-8, and the key of its authority by that one's own name for it", () => {
    const own = issue(makeAuthority('Hospital_A', now), { commonName: 'a', hosts: [], purposes: ['clientAuth'] }, now);
    // The tag of UTF8String, and the length.
    expect(read(own).raw.includes(Buffer.from('\x0c\x0aHospital_A', 'latin1'))).toBe(true);

    const ca = forge.pki.certificateFromPem(authority.certificate);
    const others = ca.extensions.filter(({ name }: { name: string }) => name !== 'subjectKeyIdentifier');
    // 04: OCTET STRING, 14: of twenty bytes, as another program may have named its key.
    const named = { id: '2.5.29.14', value: `\x04\x14${'k'.repeat(20)}` };
    ca.setExtensions([...others, named]);
    ca.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
    const foreign = { certificate: forge.pki.certificateToPem(ca), key: authority.key };
    const leaf = issue(foreign, { commonName: 'a', hosts: [], purposes: ['clientAuth'] }, now);
    expect(read(leaf).raw.includes(Buffer.from(`\x80\x14${'k'.repeat(20)}`, 'latin1'))).toBe(true);
  });

  it('is good for what it was made for only', () => {
    expect(read(orthanc).keyUsage).toEqual([serverAuth, clientAuth]);
    expect(read(person).keyUsage).toEqual([clientAuth]);
  });

  it('lives for 397 days from an hour ago on, and never longer than the authority', () => {
    expect(Date.parse(read(orthanc).validFrom)).toBe(now - 3_600_000);
    expect(Date.parse(read(orthanc).validTo)).toBe(now + 397 * 86_400_000);
    const late = issue(authority, { commonName: 'late', hosts: [], purposes: ['clientAuth'] }, Date.UTC(2036, 9, 1));
    expect(Date.parse(read(late).validTo)).toBe(Date.parse(read(authority).validTo));
  });

  it('has a number of its own', () => {
    expect(read(orthanc).serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(read(orthanc).serialNumber).not.toBe(read(person).serialNumber);
  });
});

describe('the file for browsers', () => {
  const file = pkcs12(person, authority.certificate, 'jan', 'the-password');

  it('opens with its password only', () => {
    expect(() => createSecureContext({ pfx: file, passphrase: 'the-password' })).not.toThrow();
    expect(() => createSecureContext({ pfx: file, passphrase: 'another' })).toThrow(/mac verify failure/i);
  });

  it('does not show the key', () => {
    const exponent = Buffer.from(createPrivateKey(person.key).export({ format: 'jwk' }).d ?? '', 'base64url');
    expect(exponent.length).toBeGreaterThan(300);
    expect(file.includes(exponent.subarray(-100))).toBe(false);
  });
});
