import { parseInstant } from '@warden/tokens';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import type { WantedGate } from '../gates/make-gate.js';
import type { Recipient } from '../share.js';
import type { ChangeShareBody, CreateShareBody, GateBody, RecipientBody } from './share-body.dto.js';
import type { ShareWish } from './share-wish.js';
import type { TermsChange } from './change-share.usecase.js';

/** DICOM PS3.5 section 9.1, leading zeros let through; as for what the plugin mints. */
const uid = /^[0-9]+(\.[0-9]+)*$/;

/** The wish of a body whose members were found valid one by one. */
export function wishOf(body: CreateShareBody): ShareWish {
  const faults: FieldFault[] = [];
  if (body.expiresAt != null && body.validityDuration != null)
    faults.push({ field: 'validityDuration', problem: 'is given beside expiresAt', remedy: 'send one of the two' });
  body.resources.forEach(({ dicomUid, orthancId, level }, index) => {
    // A patient's is a PatientID, which is free text (PS3.3 section C.7.1.1, VR LO).
    if (dicomUid != null && level !== 'patient' && (dicomUid.length > 64 || !uid.test(dicomUid)))
      faults.push({
        field: `resources.${index}.dicomUid`,
        problem: 'is not a DICOM unique identifier',
        remedy: 'send digits and dots, at most 64 characters',
      });
    if (dicomUid == null && orthancId == null && level !== 'system')
      faults.push({ field: `resources.${index}`, problem: 'names nothing', remedy: 'give dicomUid or orthancId' });
  });
  if (body.notify === true && body.recipient?.email == null)
    faults.push({ field: 'recipient.email', problem: 'is missing', remedy: 'say whom to notify, or leave out notify' });
  if (faults.length > 0) throw invalidInput(faults);
  return {
    type: body.type,
    resources: body.resources.map(({ level, dicomUid, orthancId }) => ({
      level,
      dicomUid: dicomUid ?? null,
      orthancId: orthancId ?? null,
      url: null,
    })),
    label: body.label ?? null,
    recipient: recipientOf(body.recipient),
    reason: body.reason ?? null,
    purposeOfUse: body.purposeOfUse ?? null,
    language: body.language ?? null,
    notBefore: momentOf(body.notBefore),
    expiration: body.expiresAt == null ? null : parseInstant(body.expiresAt),
    validityDuration: body.validityDuration ?? null,
    maxOpens: body.maxOpens ?? null,
    gate: gateOf(body.gate),
    viewers: body.viewers ?? null,
    download: body.download ?? false,
    noArchive: body.noArchive ?? false,
    link: body.link ?? null,
  };
}

/** What is to be changed: a member that was left out stays, null takes it away. */
export function changeOf(body: ChangeShareBody): TermsChange {
  const given = <K extends keyof ChangeShareBody, V>(member: K, read: (value: ChangeShareBody[K]) => V) =>
    body[member] === undefined ? undefined : read(body[member]);
  return {
    recipient: given('recipient', recipientOf),
    reason: given('reason', (value) => value ?? null),
    purposeOfUse: given('purposeOfUse', (value) => value ?? null),
    language: given('language', (value) => value ?? null),
    notBefore: given('notBefore', momentOf),
    expiration: given('expiresAt', (value) => (value == null ? null : parseInstant(value))),
    maxOpens: given('maxOpens', (value) => value ?? null),
    gate: given('gate', gateOf),
  };
}

function recipientOf(body: RecipientBody | null | undefined): Recipient | null {
  const { name = null, email = null } = body ?? {};
  return name === null && email === null ? null : { name, email };
}

function gateOf(body: GateBody | null | undefined): WantedGate | null {
  return body == null ? null : { kind: body.kind, pin: body.pin ?? null };
}

function momentOf(text: string | null | undefined): number | null {
  return text == null ? null : (parseInstant(text)?.epochMs ?? null);
}
