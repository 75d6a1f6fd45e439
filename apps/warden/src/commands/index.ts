import { eraseEvents, exportRecord, verifyRecord } from '../audit/audit.commands.js';
import type { Command } from '../command.js';
import { doctorCommand } from '../doctor/doctor.command.js';
import { initCommand } from '../init/init.command.js';
import { hardenCommands } from '../harden/harden.commands.js';
import { nginxCommand } from '../nginx/nginx.command.js';
import { createApiKey, listApiKeys, revokeApiKey } from './api-key.commands.js';
import { importLinks } from './import.command.js';
import { migrate } from './migrate.command.js';
import { listPolicyHistory, putPolicy, restorePolicy, showMyPolicy, showPolicy } from './policy.commands.js';
import { exportRoles, importRoles, listRolesHistory } from './roles.commands.js';
import {
  changeShare,
  createShare,
  listShares,
  readShareLink,
  revokeShare,
  showShare,
  unlockShare,
  writeQrCode,
} from './share.commands.js';
import { decodeToken, mintToken, verifyToken } from './token.commands.js';

/** In the order of the help. */
export const commands: readonly Command[] = [
  mintToken,
  decodeToken,
  verifyToken,
  createShare,
  listShares,
  showShare,
  changeShare,
  unlockShare,
  readShareLink,
  writeQrCode,
  revokeShare,
  showPolicy,
  showMyPolicy,
  putPolicy,
  listPolicyHistory,
  restorePolicy,
  exportRoles,
  importRoles,
  listRolesHistory,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  exportRecord,
  verifyRecord,
  eraseEvents,
  initCommand,
  ...hardenCommands,
  nginxCommand,
  doctorCommand,
  importLinks,
  migrate,
];
