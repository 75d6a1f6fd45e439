import type { Rule } from '../rule.js';
import { accessRules } from './access.rules.js';
import { certificateRules } from './certificate.rules.js';
import { composeRules } from './compose.rules.js';
import { configurationRules } from './configuration.rules.js';
import { dicomRules } from './dicom.rules.js';
import { pluginRules } from './plugin.rules.js';
import { runningRules } from './running.rules.js';
import { serviceSecretRules } from './service-secrets.rules.js';
import { serviceRules } from './service.rules.js';
import { tlsRules } from './tls.rules.js';

/** All rules, group by group. */
export const rules: readonly Rule[] = [
  configurationRules,
  accessRules,
  dicomRules,
  [...tlsRules, ...certificateRules],
  pluginRules,
  [...serviceRules, ...serviceSecretRules],
  composeRules,
  runningRules,
].flatMap((group) => [...group].sort((one, other) => one.id.localeCompare(other.id)));
