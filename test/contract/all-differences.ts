import { type Difference, differences as withoutKeycloak } from './differences.js';
import { keycloakDifferences } from './keycloak-differences.js';

/** Every listed difference, by the name of the recorded case. */
export const differences: Readonly<Record<string, Difference>> = { ...withoutKeycloak, ...keycloakDifferences };
