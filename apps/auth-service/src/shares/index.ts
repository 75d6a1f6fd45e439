export { AdoptShares } from './adopt-shares.js';
export { DecodeShare, type DecodedShare } from './decode-share.usecase.js';
export { MintShare, type MintedShare, type ShareRequest } from './mint-share.usecase.js';
export { sharesErrors } from './shares.errors.js';
export { SharesModule } from './shares.module.js';
export { SharesStorageModule } from './shares-storage.module.js';
export { SharesStore } from './shares.store.js';
