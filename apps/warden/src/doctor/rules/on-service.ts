import type { ServiceSettings } from '../service-settings.js';
import type { Subject } from '../subject.js';

/** What a rule finds in the settings of auth-service, behind the name of their file; nothing when they are not given. */
export function onService(
  check: (service: ServiceSettings, subject: Subject) => readonly string[],
): (subject: Subject) => readonly string[] {
  return (subject) => {
    const { service } = subject;
    return service === null ? [] : check(service, subject).map((what) => `${service.name}: ${what}`);
  };
}
