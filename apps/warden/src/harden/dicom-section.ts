import type { CommentedOption } from './commented-json.js';
import { file } from './orthanc-files.js';
import type { ModalityPlan, OrthancPlan } from './orthanc-plan.js';

export function dicomSection({ dicom, at }: OrthancPlan): CommentedOption[] {
  if (dicom === undefined)
    return [
      { name: 'DicomServerEnabled', value: false, comment: 'Images come and go by HTTPS; the DICOM port stays shut.' },
    ];
  return [
    {
      name: 'DicomServerEnabled',
      value: true,
      comment: 'Devices send and ask by DICOM, on a network that is closed to others.',
    },
    { name: 'DicomAet', value: dicom.aet, comment: 'The AET of this Orthanc.' },
    { name: 'DicomPort', value: dicom.port, comment: 'A firewall lets only the modalities below reach this port.' },
    { name: 'DicomCheckCalledAet', value: true, comment: 'Whoever does not know our AET has the wrong number.' },
    {
      name: 'StrictAetComparison',
      value: true,
      comment: 'Upper and lower case differ, here as in the filter of images.',
    },
    {
      name: 'DicomCheckModalityHost',
      value: true,
      comment: 'An AET is believed only from the address that is listed with it.',
    },
    ...['Echo', 'Store', 'Find', 'FindWorklist', 'Get', 'Move'].map((right) => ({
      name: `DicomAlwaysAllow${right}`,
      value: false,
      comment: alwaysComments[right] ?? 'Only from the modalities below that may.',
    })),
    {
      name: 'UnknownSopClassAccepted',
      value: false,
      comment: 'What is no kind of object that Orthanc knows is refused.',
    },
    ...tlsOptions(dicom.tls, at),
    {
      name: 'DicomModalitiesInDatabase',
      value: false,
      comment: 'The modalities are these; none is added by HTTP for good.',
    },
    {
      name: 'DicomModalities',
      value: Object.fromEntries(dicom.modalities.map((one) => [one.name, modality(one, dicom.tls)])),
      comment: 'Who is known, and what each may ask of this Orthanc. What Orthanc asks of them is not governed here.',
    },
  ];
}

const alwaysComments: Readonly<Record<string, string>> = {
  Echo: 'Strangers do not learn that an Orthanc is here.',
  Store: 'Strangers store nothing.',
};

function modality({ aet, host, port, rights }: ModalityPlan, tls: boolean): object {
  return {
    AET: aet,
    Host: host,
    Port: port,
    AllowEcho: rights.includes('echo'),
    AllowFind: rights.includes('find'),
    AllowFindWorklist: false,
    AllowMove: rights.includes('move'),
    AllowGet: rights.includes('get'),
    AllowStore: rights.includes('store'),
    AllowStorageCommitment: rights.includes('store'),
    UseDicomTls: tls,
  };
}

function tlsOptions(tls: boolean, at: string): CommentedOption[] {
  if (!tls)
    return [
      {
        name: 'DicomTlsEnabled',
        value: false,
        comment:
          'DICOM goes in the clear: keep it on a network of its own or in a VPN. Orthanc can do TLS since 1.9.0.',
      },
    ];
  return [
    { name: 'DicomTlsEnabled', value: true, comment: 'DICOM by TLS only (Orthanc 1.9.0 or later).' },
    {
      name: 'DicomTlsCertificate',
      value: `${at}/${file.certificate}`,
      comment: 'Shown to callers and to those who are called.',
    },
    { name: 'DicomTlsPrivateKey', value: `${at}/${file.key}`, comment: 'In a file of its own, unlike that of HTTPS.' },
    { name: 'DicomTlsTrustedCertificates', value: `${at}/${file.authority}`, comment: 'The authority of the devices.' },
    { name: 'DicomTlsRemoteCertificateRequired', value: true, comment: 'A device without a certificate is refused.' },
  ];
}
