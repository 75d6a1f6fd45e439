import { type MailLanguage, mailLanguageOf } from './mail-languages.js';
import type { MailMessage } from './mail.js';

export interface LinkMessage {
  readonly url: string;
  /** As a browser says it (BCP 47); English where it is none of ours. */
  readonly language: string | null;
  /** Name of the sharer; null: not told. */
  readonly sharedBy: string | null;
  /** Milliseconds since the epoch; null: no end. */
  readonly expiresAt: number | null;
  /** Kind of the gate; null: none. */
  readonly gate: string | null;
}

interface Words {
  readonly subject: string;
  readonly shared: (by: string | null) => string;
  readonly open: string;
  readonly until: (date: string) => string;
  readonly pin: string;
}

/** The message with the link of a share, in plain text alone, so that the address can be read before it is opened. */
export function linkMessage({ url, language, sharedBy, expiresAt, gate }: LinkMessage): Omit<MailMessage, 'to'> {
  const chosen = mailLanguageOf(language);
  const { subject, shared, open, until, pin } = words[chosen];
  const date = new Intl.DateTimeFormat(chosen, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const parts = [
    shared(sharedBy),
    `${open}\n\n    ${url}`,
    ...(gate === 'pin' ? [pin] : []),
    ...(expiresAt === null ? [] : [until(`${date.format(expiresAt)} UTC`)]),
  ];
  return { subject, text: `${parts.join('\n\n')}\n` };
}

const words: Readonly<Record<MailLanguage, Words>> = {
  en: {
    subject: 'Medical images for you',
    shared: (by) =>
      by === null ? 'Medical images were shared with you.' : `${by} has shared medical images with you.`,
    open: 'Open them on this page:',
    until: (date) => `The link is good until ${date}.`,
    pin: 'You also need a PIN. You get it from whoever shared the images, not by e-mail.',
  },
  fr: {
    subject: 'Images médicales pour vous',
    shared: (by) =>
      by === null
        ? 'Des images médicales ont été partagées avec vous.'
        : `${by} a partagé des images médicales avec vous.`,
    open: 'Ouvrez-les sur cette page\u00a0:',
    until: (date) => `Le lien est valable jusqu’au ${date}.`,
    pin: 'Il vous faut aussi un code PIN. La personne qui a partagé les images vous le donne, mais pas par e-mail.',
  },
  de: {
    subject: 'Medizinische Bilder für Sie',
    shared: (by) =>
      by === null
        ? 'Medizinische Bilder wurden mit Ihnen geteilt.'
        : `${by} hat medizinische Bilder mit Ihnen geteilt.`,
    open: 'Öffnen Sie sie auf dieser Seite:',
    until: (date) => `Der Link gilt bis ${date}.`,
    pin: 'Sie brauchen dazu eine PIN. Sie erhalten sie von der Person, die die Bilder geteilt hat, nicht per E-Mail.',
  },
  es: {
    subject: 'Imágenes médicas para usted',
    shared: (by) =>
      by === null ? 'Se han compartido imágenes médicas con usted.' : `${by} ha compartido imágenes médicas con usted.`,
    open: 'Ábralas en esta página:',
    until: (date) => `El enlace es válido hasta el ${date}.`,
    pin: 'También necesita un PIN. Se lo dará quien compartió las imágenes, no por correo electrónico.',
  },
  nl: {
    subject: 'Medische beelden voor u',
    shared: (by) =>
      by === null ? 'Er zijn medische beelden met u gedeeld.' : `${by} heeft medische beelden met u gedeeld.`,
    open: 'Open ze op deze pagina:',
    until: (date) => `De link is geldig tot ${date}.`,
    pin: 'U hebt ook een pincode nodig. Die krijgt u van degene die de beelden deelde, niet per e-mail.',
  },
  it: {
    subject: 'Immagini mediche per Lei',
    shared: (by) =>
      by === null ? 'Sono state condivise con Lei immagini mediche.' : `${by} ha condiviso con Lei immagini mediche.`,
    open: 'Le apra in questa pagina:',
    until: (date) => `Il collegamento è valido fino al ${date}.`,
    pin: 'Serve anche un PIN. Glielo comunica chi ha condiviso le immagini, non per e-mail.',
  },
  pt: {
    subject: 'Imagens médicas para si',
    shared: (by) =>
      by === null ? 'Foram partilhadas imagens médicas consigo.' : `${by} partilhou imagens médicas consigo.`,
    open: 'Abra-as nesta página:',
    until: (date) => `A ligação é válida até ${date}.`,
    pin: 'Precisa também de um PIN. Quem partilhou as imagens indica-lho, mas não por e-mail.',
  },
};
