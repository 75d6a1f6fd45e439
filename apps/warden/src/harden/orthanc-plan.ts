/** How an Orthanc shall be set up, read and checked. Everything that is written is made from this alone. */
export interface OrthancPlan {
  readonly name: string;
  readonly httpPort: number;
  /** Who asks for credentials: the authorization plugin with this service behind it, or Orthanc itself. */
  readonly access: 'plugin' | 'users';
  /** Who does HTTPS: Orthanc itself, or a proxy in front of it. */
  readonly https: 'own' | 'proxy';
  /** The proxy is on the same machine, so nobody else has to reach Orthanc. */
  readonly proxyHere: boolean;
  /** Only who shows a certificate of the authority is listened to. */
  readonly mutualTls: boolean;
  /** Key, certificate and authority lie in the folder. */
  readonly hasCertificates: boolean;
  /** Where the folder will be on Orthanc's machine. */
  readonly at: string;
  readonly storage: string;
  readonly plugins: readonly string[];
  readonly users: readonly OrthancUser[];
  /** Administrators may come from other machines too. */
  readonly adminAnywhere: boolean;
  readonly readOnly: boolean;
  readonly getOnly: boolean;
  readonly authService: string;
  readonly dicom: DicomPlan | undefined;
  /** What may be stored by HTTP; undefined for everything. */
  readonly acceptUpload: StoreRule | undefined;
  readonly peers: readonly RemotePlan[];
  readonly dicomWebServers: readonly RemotePlan[];
}

export interface OrthancUser {
  readonly name: string;
  /** An administrator may do anything, a reader look, a sender store. */
  readonly role: 'admin' | 'reader' | 'sender';
}

export interface DicomPlan {
  readonly aet: string;
  readonly port: number;
  readonly tls: boolean;
  readonly modalities: readonly ModalityPlan[];
  /** What each AET may store; undefined for everything. */
  readonly accept: ReadonlyMap<string, StoreRule> | undefined;
}

export const dicomRights = ['echo', 'find', 'move', 'get', 'store'] as const;
export type DicomRight = (typeof dicomRights)[number];

export interface ModalityPlan {
  readonly name: string;
  readonly aet: string;
  readonly host: string;
  readonly port: number;
  readonly rights: readonly DicomRight[];
}

/** An image is taken if its modality or its SOP class is among these. */
export interface StoreRule {
  readonly modalities: readonly string[];
  readonly sopClasses: readonly string[];
}

/** Another server that this Orthanc calls. */
export interface RemotePlan {
  readonly name: string;
  readonly url: string;
  readonly user: string | undefined;
}
