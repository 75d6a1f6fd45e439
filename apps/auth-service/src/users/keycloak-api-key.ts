/**
 * Whether a text may be asked for as the attribute `api-key` of a user. Keycloak reads a space in a search as the start
 * of a further term, a quote as a bracket, and `%` and `_` can be wildcards there: what is not plain is never sent.
 */
export function isKeycloakApiKey(text: string): boolean {
  return /^[A-Za-z0-9._-]{8,256}$/.test(text);
}
