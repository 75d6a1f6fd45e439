import { Injectable } from '@nestjs/common';
import { Mail } from '../../emails/index.js';
import { type FieldFault, invalidInput } from '../../platform/errors/domain-error.js';
import type { ResolvedImages } from '../images/images.js';
import type { Gate, GateKind, Recipient, Share } from '../share.js';
import { GateSecrets } from './gate-secrets.js';

export interface WantedGate {
  readonly kind: GateKind;
  /** Null: one is made. */
  readonly pin: string | null;
}

export interface MadeGate {
  readonly gate: Gate;
  /** To be told to the recipient by another way than the link; null: there is none. */
  readonly pin: string | null;
}

/** Makes what a recipient has to know, and keeps its hash alone. */
@Injectable()
export class MakeGate {
  constructor(
    private readonly secrets: GateSecrets,
    private readonly mail: Mail,
  ) {}

  /** Throws `invalid-input` where the gate cannot be made, and `gates-busy`. */
  async execute(
    wanted: WantedGate,
    share: Pick<Share, 'identity' | 'keyId'>,
    recipient: Recipient | null,
    images: readonly ResolvedImages[] | null,
  ): Promise<MadeGate> {
    const { kind } = wanted;
    switch (kind) {
      case 'pin': {
        const pin = wanted.pin ?? this.secrets.pinOf(share);
        return { gate: { kind, hash: await this.secrets.hashOf(share, pin) }, pin };
      }
      case 'birth-date': {
        const hash = await this.secrets.hashOf(share, birthDateOf(images));
        return { gate: { kind, hash }, pin: null };
      }
      case 'email-code':
        if (!this.mail.configured)
          throw fault('gate.kind', 'needs e-mail', 'set ENABLE_EMAILS, or choose another gate');
        if (recipient?.email == null)
          throw fault('recipient.email', 'is missing', 'say where the code of this gate is sent');
        return { gate: { kind, hash: null }, pin: null };
    }
  }
}

/** Why a PIN is none that guards anything; null: it will do. */
export function weaknessOfPin(pin: string): FieldFault | null {
  const problem = !/^\d{6,12}$/.test(pin)
    ? 'is not 6 to 12 digits'
    : /^(\d)\1+$/.test(pin) || '0123456789012345'.includes(pin) || '9876543210987654'.includes(pin)
      ? 'is among the first that anybody tries'
      : null;
  return problem === null ? null : { field: 'gate.pin', problem, remedy: 'choose another one, or leave it out' };
}

/** Of the one patient whose images are shared. */
function birthDateOf(images: readonly ResolvedImages[] | null): string {
  if (images === null) throw fault('gate.kind', 'needs to know the patient', 'set ORTHANC_URL, or choose another gate');
  const dates = new Set(images.flatMap(({ studies }) => studies.map((study) => study.patientBirthDate)));
  const [date] = dates;
  if (dates.size !== 1 || date == null || !/^\d{8}$/.test(date)) {
    const problem =
      dates.size > 1 ? 'is not the same for all that is shared' : 'is not known: the images have no birth date';
    throw fault('gate.kind', problem, 'choose another gate');
  }
  return date;
}

function fault(field: string, problem: string, remedy: string): Error {
  return invalidInput([{ field, problem, remedy }]);
}
