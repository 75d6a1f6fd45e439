/** What XML 1.0 section 2.2 cannot hold, not even escaped: controls, half characters, U+FFFE and U+FFFF. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const inText: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
// A reader turns bare white space in an attribute into spaces (section 3.3.3).
const inAttribute: Readonly<Record<string, string>> = { ...inText, '"': '&quot;', '\t': '&#9;', '\n': '&#10;' };

/** Undefined: the element has no such attribute. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/**
 * One element without white space around its children.
 * @param children elements, or one `text`
 */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  let start = name;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) start += ` ${attribute}="${escaped(value, /[&<>"\t\n\r]/g, inAttribute)}"`;
  }
  return children.length === 0 ? `<${start}/>` : `<${start}>${children.join('')}</${name}>`;
}

export function text(value: string): string {
  return escaped(value, /[&<>\r]/g, inText);
}

function escaped(value: string, special: RegExp, by: Readonly<Record<string, string>>): string {
  return value.replace(notXml, '\ufffd').replace(special, (character) => by[character] as string);
}
