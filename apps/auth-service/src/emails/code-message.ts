import type { MailMessage } from './mail.js';

import { type MailLanguage, mailLanguageOf } from './mail-languages.js';

export interface CodeMessage {
  readonly code: string;
  /** Whole minutes for which the code is good. */
  readonly minutes: number;
  /** As a browser says it (BCP 47); English where it is none of ours. */
  readonly language: string | null;
}

interface Words {
  readonly subject: string;
  readonly enter: string;
  readonly validFor: (minutes: string) => string;
  readonly notAsked: string;
}

/**
 * The message with the code of a share. It names neither patient nor study and holds no link, so that who reads along learns
 * nothing, and a false one has nothing to imitate; the subject holds no code, since a locked telephone shows it.
 */
export function codeMessage({ code, minutes, language }: CodeMessage): Omit<MailMessage, 'to'> {
  const chosen = mailLanguageOf(language);
  const { subject, enter, validFor, notAsked } = words[chosen];
  const unit = new Intl.NumberFormat(chosen, { style: 'unit', unit: 'minute', unitDisplay: 'long' });
  const valid = validFor(unit.format(minutes));
  return {
    subject,
    text: `${enter}\n\n    ${code}\n\n${valid}\n\n${notAsked}\n`,
    html: [
      `<!doctype html><html lang="${chosen}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body>`,
      `<p>${escaped(enter)}</p>`,
      `<p style="font-size:1.75em;font-family:monospace;letter-spacing:.15em"><strong>${escaped(code)}</strong></p>`,
      `<p>${escaped(valid)}</p>`,
      `<p>${escaped(notAsked)}</p>`,
      '</body></html>',
    ].join('\n'),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const words: Readonly<Record<MailLanguage, Words>> = {
  en: {
    subject: 'Your access code',
    enter: 'Enter this code on the page that you have opened:',
    validFor: (minutes) => `It is valid for ${minutes}.`,
    notAsked:
      'You did not ask for a code? Then ignore this message. Do not give the code to anyone: nobody will ask you for it by telephone or by e-mail.',
  },
  fr: {
    subject: 'Votre code d’accès',
    enter: 'Saisissez ce code sur la page que vous avez ouverte\u00a0:',
    validFor: (minutes) => `Il est valable ${minutes}.`,
    notAsked:
      'Vous n’avez pas demandé de code\u00a0? Ne tenez pas compte de ce message. Ne communiquez ce code à personne\u00a0: on ne vous le demandera ni par téléphone ni par e-mail.',
  },
  de: {
    subject: 'Ihr Zugangscode',
    enter: 'Geben Sie diesen Code auf der Seite ein, die Sie geöffnet haben:',
    validFor: (minutes) => `Er ist ${minutes} gültig.`,
    notAsked:
      'Sie haben keinen Code angefordert? Dann beachten Sie diese Nachricht nicht. Geben Sie den Code niemandem weiter: Niemand wird Sie am Telefon oder per E-Mail danach fragen.',
  },
  es: {
    subject: 'Su código de acceso',
    enter: 'Introduzca este código en la página que ha abierto:',
    validFor: (minutes) => `Es válido durante ${minutes}.`,
    notAsked:
      '¿No ha pedido ningún código? Entonces ignore este mensaje. No dé el código a nadie: nadie se lo pedirá por teléfono ni por correo electrónico.',
  },
  nl: {
    subject: 'Uw toegangscode',
    enter: 'Voer deze code in op de pagina die u hebt geopend:',
    validFor: (minutes) => `De code is ${minutes} geldig.`,
    notAsked:
      'Hebt u geen code aangevraagd? Dan kunt u dit bericht negeren. Geef de code aan niemand door: niemand zal er telefonisch of per e-mail om vragen.',
  },
  it: {
    subject: 'Il suo codice di accesso',
    enter: 'Inserisca questo codice nella pagina che ha aperto:',
    validFor: (minutes) => `È valido per ${minutes}.`,
    notAsked:
      'Non ha richiesto alcun codice? Allora ignori questo messaggio. Non comunichi il codice a nessuno: nessuno glielo chiederà per telefono o per e-mail.',
  },
  pt: {
    subject: 'O seu código de acesso',
    enter: 'Introduza este código na página que abriu:',
    validFor: (minutes) => `É válido durante ${minutes}.`,
    notAsked:
      'Não pediu nenhum código? Então ignore esta mensagem. Não dê o código a ninguém: ninguém lho pedirá por telefone nem por e-mail.',
  },
};
