import type { Command } from '../command.js';
import { createApiKey, listApiKeys, revokeApiKey } from './api-key.commands.js';
import { importLinks } from './import.command.js';
import { migrate } from './migrate.command.js';
import { exportRoles, importRoles, listRolesHistory } from './roles.commands.js';
import { listShares, revokeShare, showShare } from './share.commands.js';
import { decodeToken, mintToken, verifyToken } from './token.commands.js';

/** In the order of the help. */
export const commands: readonly Command[] = [
  mintToken,
  decodeToken,
  verifyToken,
  listShares,
  showShare,
  revokeShare,
  exportRoles,
  importRoles,
  listRolesHistory,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  importLinks,
  migrate,
];
