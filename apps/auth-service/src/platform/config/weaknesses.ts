import { neverForAnyone } from '@warden/permissions';
import { isPublicSample } from '@warden/tokens';
import type { Profile } from './config.js';

/** Why a secret is weak, as the end of a sentence that begins with the setting's name; null when it is not. */
export function weaknessOf(text: string, shortest: number): string | null {
  if (isPublicSample(text)) return 'is a value from a public sample; generate your own';
  if (Buffer.byteLength(text) < shortest) return `is shorter than ${shortest} bytes; generate a longer one`;
  return null;
}

/** Holes that an anonymous profile opens, as seen on a real Orthanc. */
export function profileWarnings(profile: Profile): string[] {
  const warnings: string[] = [];
  const dangerous = profile.permissions.filter((name) => neverForAnyone.includes(name));
  const say = (text: string) => warnings.push(`the anonymous profile ${text}`);
  if (dangerous.length > 0) say(`gives everyone: ${dangerous.join(', ')}`);
  const labels = profile['authorized-labels'];
  if (labels.includes('*')) say('authorizes every label: anyone can list every study at the root of DICOMweb');
  if (profile.permissions.includes('view') && labels.length === 0)
    say('holds view but no label: share links fail with 403');
  return warnings;
}
