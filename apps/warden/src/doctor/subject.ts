import type { Compose } from './compose-file.js';
import type { FileReader } from './file-reader.js';
import type { Observed } from './observe-running.js';
import type { OrthancConfiguration } from './orthanc-configuration.js';
import type { CertifiedName } from './certificates.js';
import type { ServiceSettings } from './service-settings.js';

/** Everything that the rules judge. Null: not given, so nothing is said of it. */
export interface Subject {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly files: FileReader;
  readonly orthanc: OrthancConfiguration;
  /** A reverse proxy does HTTPS in front and is the only one that reaches Orthanc: said by who asks. */
  readonly proxyInFront: boolean;
  /** Certificates and keys: those of the configuration, and those named beside it. */
  readonly certificates: readonly CertifiedName[];
  /** Files with private keys that are neither, such as PKCS #12 for browsers. */
  readonly keyFiles: readonly string[];
  /** Files with the variables of the configuration. */
  readonly environmentFiles: readonly { readonly name: string; readonly mode: number }[];
  /** Addresses that people open. */
  readonly publicRoots: readonly { readonly name: string; readonly url: string }[];
  readonly service: ServiceSettings | null;
  /** A share policy (`warden policy show`). */
  readonly policy: SharePolicyFile | null;
  readonly compose: Compose | null;
  readonly observed: Observed | null;
}

export interface SharePolicyFile {
  readonly file: string;
  readonly rules: readonly { readonly maxLife?: unknown; readonly roles?: unknown }[];
}
