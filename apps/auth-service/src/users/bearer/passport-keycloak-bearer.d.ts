/** The package has no types of its own. */
declare module 'passport-keycloak-bearer' {
  import { Strategy } from 'passport';

  export default class KeycloakBearerStrategy extends Strategy {
    constructor(
      options: {
        url: string;
        realm: string;
        name?: string;
        algorithms?: string[];
        ignoreExpiration?: boolean;
        jsonWebTokenOptions?: { ignoreNotBefore?: boolean };
        customLogger?: Record<'error' | 'warn' | 'info' | 'debug', (...message: unknown[]) => void>;
      },
      verify?: (...parameters: unknown[]) => unknown,
    );
  }
}
