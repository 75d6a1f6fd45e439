import type { WardenEvent } from '@warden/events';
import { type RolesDocument, toWire } from '@warden/permissions';
import { actOf, differenceOf, originOf } from '../audit/index.js';
import type { Caller } from '../platform/http/caller.js';
import type { RolesChange, RolesVersion } from './roles.store.js';

/** Who changes the roles, and why. */
export interface RolesAuthor {
  readonly caller: Caller;
  readonly reason: string | null;
  /** The version that the author has seen; null: whichever is in force. */
  readonly expected: number | null;
}

export function changeBy({ caller, reason, expected }: RolesAuthor, madeAt: number): RolesChange {
  return { madeBy: caller.id, madeAt, reason, expected };
}

export function rolesChangedBy(
  { caller, reason: why, expected }: RolesAuthor,
  { version, document, madeAt }: RolesVersion,
  before: RolesDocument | null,
): WardenEvent {
  const difference = differenceOf(before === null ? [] : linesOf(before), linesOf(document));
  return actOf('roles.changed', originOf(caller), madeAt, { version, before: expected, difference, why });
}

/** A line for each role, and one for the labels. */
function linesOf(document: RolesDocument): string[] {
  const { roles, 'available-labels': labels } = toWire(document);
  return [
    ...Object.entries(roles).map(([name, role]) => `${name}: ${JSON.stringify(role)}`),
    `available-labels: ${JSON.stringify(labels)}`,
  ];
}
