import type { OrthancConfiguration } from '../orthanc-configuration.js';
import { hasLuaFunction } from '../orthanc-protection.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import { sectionOf, textOf } from '../section.js';

/** What a modality may be allowed, in Orthanc's words. */
const permissions = ['AllowEcho', 'AllowFind', 'AllowGet', 'AllowMove', 'AllowStore'];

const alwaysAllowed = [
  'DicomAlwaysAllowFind',
  'DicomAlwaysAllowFindWorklist',
  'DicomAlwaysAllowGet',
  'DicomAlwaysAllowMove',
] as const;

/** The DICOM port: who may connect, and for what. */
export const dicomRules: readonly Rule[] = [
  {
    id: 'D-01',
    severity: 'note',
    title: 'The DICOM server is off where nobody sends by DICOM, and on a cloud server unless behind a VPN.',
    why: 'The DICOM protocol knows no users; across sites HTTPS is the way.',
    remedy: 'Set "DicomServerEnabled": false, or keep the port inside the VPN or behind the firewall.',
    source: pages.security,
    covers: [2, 12],
    check: ({ orthanc }) =>
      orthanc.on('DicomServerEnabled') ? [`${orthanc.where('DicomServerEnabled')}: the port is open`] : [],
  },
  {
    id: 'D-02',
    severity: 'warning',
    title: 'Only known modalities may C-ECHO.',
    why: 'An answer tells a stranger that an Orthanc is there.',
    remedy: 'Set "DicomAlwaysAllowEcho": false.',
    source: pages.security,
    covers: [13],
    check: whenOn('DicomAlwaysAllowEcho'),
  },
  {
    id: 'D-03',
    severity: 'error',
    title: 'Only known modalities may C-STORE.',
    why: 'Whoever reaches the port puts images into the archive.',
    remedy: 'Set "DicomAlwaysAllowStore": false and list the modalities.',
    source: pages.security,
    covers: [13],
    check: whenOn('DicomAlwaysAllowStore'),
  },
  {
    id: 'D-04',
    severity: 'error',
    title: 'Only known modalities may C-FIND, C-GET and C-MOVE.',
    why: 'Whoever reaches the port finds and fetches every study.',
    remedy: `Set ${alwaysAllowed.join(', ')} to false.`,
    source: pages.security,
    covers: [13],
    check: ({ orthanc }) => alwaysAllowed.flatMap((option) => whenOn(option)({ orthanc })),
  },
  {
    id: 'D-05',
    severity: 'warning',
    title: 'A modality is known by its address, not by its title alone.',
    why: 'An AET is written by the caller: without the address anybody can be the scanner.',
    remedy: 'Set "DicomCheckModalityHost": true.',
    source: pages.security,
    covers: [13],
    check: whenOff('DicomCheckModalityHost'),
  },
  {
    id: 'D-06',
    severity: 'warning',
    title: 'A caller must know the AET of this Orthanc.',
    why: 'Programs that try out ports call any title.',
    remedy: 'Set "DicomCheckCalledAet": true.',
    source: pages.security,
    covers: [15],
    check: whenOff('DicomCheckCalledAet'),
  },
  {
    id: 'D-07',
    severity: 'warning',
    title: 'Each modality is allowed what it needs, and what it is allowed is written down.',
    why: 'What is not written is allowed: a scanner that only sends may also fetch every study. The options govern what comes in, not what Orthanc sends.',
    remedy: `Write ${permissions.join(', ')} for each modality.`,
    source: pages.security,
    covers: [14],
    check: ({ orthanc }) =>
      !orthanc.on('DicomServerEnabled')
        ? []
        : modalitiesOf(orthanc).flatMap(([name, modality]) => {
            const silent = permissions.filter((option) => typeof sectionOf(modality)?.[option] !== 'boolean');
            return silent.length === 0
              ? []
              : [`${orthanc.where('DicomModalities')}, ${name}: nothing said of ${silent.join(', ')}`];
          }),
  },
  {
    id: 'D-08',
    severity: 'note',
    title: 'A filter says which modality may store which images.',
    why: 'Whoever may store may store anything, in the name of any patient.',
    remedy: 'Write a Lua ReceivedInstanceFilter; `warden harden` writes one.',
    source: pages.security,
    covers: [15],
    check: (subject) => {
      const { orthanc } = subject;
      const filtered =
        hasLuaFunction(subject, 'ReceivedInstanceFilter') || hasLuaFunction(subject, 'ReceivedCStoreInstanceFilter');
      return orthanc.on('DicomServerEnabled') && !filtered
        ? [`${orthanc.where('LuaScripts')}: whatever is sent is stored`]
        : [];
    },
  },
  {
    id: 'D-09',
    severity: 'note',
    title: 'The AET is not the one that every Orthanc begins with.',
    why: 'ORTHANC is the first title that is tried, and two servers with one title are mixed up.',
    remedy: 'Give DicomAet a name of your own, of at most 16 characters.',
    source: pages.configuration,
    check: ({ orthanc }) =>
      orthanc.on('DicomServerEnabled') && orthanc.text('DicomAet') === defaultAet
        ? [`${orthanc.where('DicomAet')}: ${defaultAet}`]
        : [],
  },
  {
    id: 'D-10',
    severity: 'note',
    title: 'DICOM is encrypted with TLS wherever modalities can.',
    why: 'Images and names cross the network in clear. The page on security calls TLS unsupported; Orthanc has had it since 1.9.0.',
    remedy: 'Set DicomTlsEnabled with certificate, key and trusted certificates, and UseDicomTls for each modality.',
    source: pages.dicomTls,
    covers: [16],
    check: whenOff('DicomTlsEnabled'),
  },
  {
    id: 'D-11',
    severity: 'error',
    title: 'DICOM TLS has its certificate, its key and the certificates that it trusts.',
    why: 'Without them Orthanc does not start, or trusts nobody.',
    remedy: 'Set DicomTlsCertificate, DicomTlsPrivateKey and DicomTlsTrustedCertificates, in three files.',
    source: pages.dicomTls,
    covers: [16],
    check: ({ orthanc }) =>
      orthanc.on('DicomTlsEnabled')
        ? ['DicomTlsCertificate', 'DicomTlsPrivateKey', 'DicomTlsTrustedCertificates']
            .filter((option) => textOf(orthanc.value(option)) === null)
            .map((option) => `${orthanc.where(option)}: missing with DicomTlsEnabled`)
        : [],
  },
  {
    id: 'D-12',
    severity: 'warning',
    title: 'DICOM TLS asks for the certificate of the other side.',
    why: 'Encrypted, but from and to anybody.',
    remedy: 'Set "DicomTlsRemoteCertificateRequired": true.',
    source: pages.dicomTls,
    covers: [16],
    check: ({ orthanc }) =>
      orthanc.on('DicomTlsEnabled') && !orthanc.on('DicomTlsRemoteCertificateRequired')
        ? [`${orthanc.where('DicomTlsRemoteCertificateRequired')}: off`]
        : [],
  },
  {
    id: 'D-13',
    severity: 'warning',
    title: 'DICOM TLS takes no protocol before TLS 1.2.',
    why: 'TLS 1.0 and 1.1 are broken and out of use (RFC 8996).',
    remedy: 'Set "DicomTlsMinimumProtocolVersion" to 0 (BCP 195) or to 4 and more.',
    source: pages.dicomTls,
    covers: [16],
    check: ({ orthanc }) => {
      const version = orthanc.number('DicomTlsMinimumProtocolVersion');
      return orthanc.on('DicomTlsEnabled') && version > 0 && version < 4
        ? [`${orthanc.where('DicomTlsMinimumProtocolVersion')}: ${version}`]
        : [];
    },
  },
];

const defaultAet = 'ORTHANC';

type Flag = Parameters<OrthancConfiguration['on']>[0];

function whenOn(option: Flag): (subject: { orthanc: OrthancConfiguration }) => string[] {
  return ({ orthanc }) =>
    orthanc.on('DicomServerEnabled') && orthanc.on(option) ? [`${orthanc.where(option)}: on`] : [];
}

function whenOff(option: Flag): (subject: { orthanc: OrthancConfiguration }) => string[] {
  return ({ orthanc }) =>
    orthanc.on('DicomServerEnabled') && !orthanc.on(option) ? [`${orthanc.where(option)}: off`] : [];
}

function modalitiesOf(orthanc: OrthancConfiguration): [string, unknown][] {
  return Object.entries(orthanc.section('DicomModalities') ?? {});
}
