import { pageNames, type PageName } from '../languages/messages.js';
import type { SettingsReader } from '../settings-reader.js';
import { plainBranding, type Branding } from './branding.js';
import { accentFrom, builtInAccent, minimumContrast, type Accent } from './colours.js';
import { largestLogo, logoAddress } from './logo.js';
import { nearest } from './nearest.js';
import { largestTemplate, readTemplate, type Template } from './templates.js';
import { replaceTexts, type Texts } from './texts.js';

const longestContact = 500;
const longestName = 120;
const largestTexts = 500_000;

/** The branding, with every fault put down at the reader. */
export function readBranding(reader: SettingsReader): Branding {
  const contact = reader.text('LANDING_CONTACT', longestContact);
  const name = reader.text('LANDING_NAME', longestName)?.replace(/\s+/g, ' ');
  return {
    contact,
    name,
    logo: readLogo(reader, name),
    accent: readAccent(reader),
    texts: readTexts(reader),
    templates: readTemplates(reader),
  };
}

function readLogo(reader: SettingsReader, name: string | undefined): Branding['logo'] {
  const alt = reader.text('LANDING_LOGO_ALT', longestName)?.replace(/\s+/g, ' ');
  const bytes = reader.file('LANDING_LOGO_FILE', largestLogo);
  if (bytes === undefined) return undefined;
  // Next to the name a picture of it is decoration; alone it has to be read out.
  if (name === undefined && alt === undefined)
    reader.fault('LANDING_LOGO_ALT', 'required with a logo and no LANDING_NAME; tell in words what the logo says');
  const address = logoAddress(bytes);
  if (address === undefined) reader.fault('LANDING_LOGO_FILE', 'not an SVG, PNG, JPEG or WebP picture');
  return address === undefined ? undefined : { address, alt: alt ?? '' };
}

function readAccent(reader: SettingsReader): Accent {
  const colour = reader.value('LANDING_ACCENT_COLOR')?.toLowerCase();
  if (colour === undefined) return builtInAccent;
  if (!/^#[0-9a-f]{6}$/.test(colour)) {
    reader.fault('LANDING_ACCENT_COLOR', 'not a colour written #rrggbb');
    return builtInAccent;
  }
  const accent = accentFrom(colour);
  if (accent === undefined)
    reader.fault(
      'LANDING_ACCENT_COLOR',
      `too light for white text (contrast below ${minimumContrast}:1); choose a darker one`,
    );
  return accent ?? builtInAccent;
}

function readTexts(reader: SettingsReader): Texts {
  const bytes = reader.file('LANDING_TEXTS_FILE', largestTexts);
  if (bytes === undefined) return plainBranding.texts;
  const result = replaceTexts(
    Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
  );
  if (result.ok) return result.texts;
  for (const fault of result.faults) reader.fault('LANDING_TEXTS_FILE', fault);
  return plainBranding.texts;
}

function readTemplates(reader: SettingsReader): Branding['templates'] {
  const setting = 'LANDING_TEMPLATES_DIR';
  const found: Partial<Record<PageName, Template>> = {};
  for (const { name, bytes } of reader.folder(setting, '.html', largestTemplate)) {
    const page = pageNames.find((known) => `${known}.html` === name);
    if (page === undefined) {
      const told = /^[\w.-]{1,60}$/.test(name) ? name : 'a file';
      const near = nearest(name.replace(/\.html$/, ''), pageNames).map((one) => `${one}.html`);
      reader.fault(setting, `${told} bears the name of no page; the nearest are ${near.join(', ')}`);
      continue;
    }
    const result = readTemplate(page, Buffer.from(bytes).toString('utf8'));
    if (result.ok) found[page] = result.template;
    else for (const fault of result.faults) reader.fault(setting, `${name} ${fault}`);
  }
  return found;
}
