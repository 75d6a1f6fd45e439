export { decodeBase64Url, encodeBase64Url } from './base64url.js';
export { type Instant, formatPython, parseInstant, toEchoText, toTokenText } from './instant.js';
export { Keyring, type KeyringSource, type VerifyingKey } from './keyring.js';
export {
  type NewShare,
  type ParentShare,
  type ResourceLevel,
  type SharePayload,
  type SharePayloadJson,
  type ShareResource,
  type ViewerSession,
  RESOURCE_LEVELS,
  buildSharePayload,
  parseSharePayload,
} from './share-payload.js';
export { isPublicSample } from './public-samples.js';
export { RecentTexts } from './recent-texts.js';
export { type ShareToken } from './share-token.js';
export { ShareTokenVerifier } from './share-token-verifier.js';
export {
  type ShareVerification,
  type TokenFault,
  MAX_TOKEN_LENGTH,
  stripBearer,
  verifyShareToken,
} from './verify-share-token.js';
