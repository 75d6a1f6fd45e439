import { Injectable } from '@nestjs/common';
import { mayReachAdministration } from '@warden/orthanc';
import { holds } from '@warden/permissions';
import { DomainError } from '../platform/errors/domain-error.js';
import type { Caller } from '../platform/http/caller.js';
import { crossSiteRefusal } from '../platform/http/cross-site.js';
import { Callers } from '../users/index.js';
import { type EdgeVerdict, pass, refuse } from './edge-verdict.js';
import type { GuardQuestion, ReadRequest } from './read-request.js';
import type { ShownCredential } from './shown-credential.js';

/** A user with a verified credential passes; what they may do in Orthanc, the plugin judges. */
@Injectable()
export class LetUserIn {
  constructor(private readonly callers: Callers) {}

  async execute(request: ReadRequest, shown: ShownCredential, { headers }: GuardQuestion): Promise<EdgeVerdict> {
    const name = shown.as === 'api-key' ? 'api-key' : 'authorization';
    const value = shown.as === 'bearer' ? `Bearer ${shown.text}` : shown.text;
    const credential = { [name]: value };
    // A browser adds a password to whatever any page makes it send.
    if (shown.as === 'basic' && crossSiteRefusal(request.asked.method, { ...headers, ...credential }) !== undefined)
      return refuse(403, 'cross-site');
    let caller: Caller | null;
    try {
      caller = await this.callers.resolve(credential);
    } catch (error) {
      if (error instanceof DomainError) return refuse(403, 'identity-unavailable');
      throw error;
    }
    if (caller === null || caller.via === 'nothing') return refuse(401, 'not-a-user');
    const { id, permissions, roles } = caller;
    // USERS holds machines too: the plugin, the landing page.
    if (caller.via === 'basic' && !holds(permissions, 'view')) return refuse(403, 'not-a-user', id);
    if (mayReachAdministration(request.path) && !holds(permissions, 'admin-permissions'))
      return refuse(403, 'administrators-only', id);
    return pass(request, { kind: 'user', id, name: caller.name, roles, credential: [name, value] });
  }
}
