import type { CommentedOption } from './commented-json.js';
import { clientKeyVariable, file, fromVariable } from './orthanc-files.js';
import type { OrthancPlan, RemotePlan } from './orthanc-plan.js';
import { variableName } from './secrets.js';

/** Other servers that this Orthanc calls: by Orthanc's own protocol, and by DICOMweb. */
export function remoteSection(plan: OrthancPlan): CommentedOption[] {
  const { peers, dicomWebServers } = plan;
  return [
    { name: 'OrthancPeersInDatabase', value: false, comment: 'The peers are these; none is added by HTTP for good.' },
    {
      name: 'OrthancPeers',
      value: servers(plan, peers, 'PEER'),
      comment: `Other Orthancs that this one sends to.${hint(plan, peers)}`,
    },
    ...(dicomWebServers.length === 0
      ? []
      : [
          {
            name: 'DicomWeb',
            value: { Enable: true, Servers: servers(plan, dicomWebServers, 'DICOMWEB') },
            comment: `DICOMweb servers that this Orthanc sends to and asks.${hint(plan, dicomWebServers)}`,
          },
        ]),
  ];
}

function servers(plan: OrthancPlan, remotes: readonly RemotePlan[], kind: 'PEER' | 'DICOMWEB'): object {
  return Object.fromEntries(
    remotes.map(({ name, url, user }) => [
      name,
      {
        Url: url,
        ...(user === undefined ? {} : { Username: user, Password: fromVariable(variableName(kind, name)) }),
        ...(plan.hasCertificates ? clientCertificate(plan) : {}),
      },
    ]),
  );
}

const clientCertificate = ({ at }: OrthancPlan) => ({
  CertificateFile: `${at}/${file.certificate}`,
  CertificateKeyFile: `${at}/${file.clientKey}`,
  CertificateKeyPassword: fromVariable(clientKeyVariable),
});

function hint({ hasCertificates }: OrthancPlan, remotes: readonly RemotePlan[]): string {
  if (remotes.length === 0) return ' None so far.';
  return hasCertificates
    ? ` It shows its certificate there. Passwords are in ${file.variables}.`
    : ` Passwords are in ${file.variables}.`;
}
