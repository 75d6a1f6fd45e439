import type { Command } from '../command.js';
import { hardenCertificates } from './certificates.command.js';
import { hardenNginx } from './nginx.command.js';
import { hardenOrthanc } from './orthanc.command.js';

/** In the order in which they are needed. */
export const hardenCommands: readonly Command[] = [hardenCertificates, hardenOrthanc, hardenNginx];
