import type { FileReader } from './file-reader.js';
import type { OrthancConfiguration } from './orthanc-configuration.js';
import { type Section, textOf, textsOf } from './section.js';
import type { Subject } from './subject.js';

/** The section of the authorization plugin; null when there is none. */
export function pluginOf(orthanc: OrthancConfiguration): Section | null {
  return orthanc.section('Authorization');
}

export const validationUrls = ['WebServiceRootUrl', 'WebServiceTokenValidationUrl', 'WebService'] as const;
export const profileUrls = ['WebServiceRootUrl', 'WebServiceUserProfileUrl'] as const;

export function names(plugin: Section | null, options: readonly string[]): boolean {
  return options.some((option) => textOf(plugin?.[option]) !== null);
}

/** The plugin asks for people: what comes without a token is refused by it, with or without Orthanc's own passwords. */
export function pluginGuards(orthanc: OrthancConfiguration): boolean {
  return names(pluginOf(orthanc), profileUrls);
}

export function registeredUsers(orthanc: OrthancConfiguration): [string, string][] {
  return Object.entries(orthanc.section('RegisteredUsers') ?? {}).flatMap(([user, password]): [string, string][] =>
    typeof password === 'string' ? [[user, password]] : [],
  );
}

/** Lua scripts that are at hand. */
export function scriptsOf(orthanc: OrthancConfiguration, files: FileReader): { name: string; text: string }[] {
  return textsOf(orthanc.value('LuaScripts')).flatMap((name) => {
    const found = files.find(name, orthanc.pathOf('LuaScripts'));
    return found.state === 'read' ? [{ name, text: found.text.replace(/--\[\[[\s\S]*?\]\]|--[^\n]*/g, '') }] : [];
  });
}

/** True as well when a script cannot be read: C-04 says that. */
export function hasLuaFunction({ orthanc, files }: Pick<Subject, 'orthanc' | 'files'>, name: string): boolean {
  const scripts = scriptsOf(orthanc, files);
  const unread = scripts.length < textsOf(orthanc.value('LuaScripts')).length;
  return unread || scripts.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text));
}
