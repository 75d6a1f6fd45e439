export const minimumContrast = 4.5;

/** What buttons and links are drawn in, and what stands on them. */
export interface Accent {
  readonly light: string;
  readonly onLight: string;
  readonly dark: string;
  readonly onDark: string;
}

export const builtInAccent: Accent = { light: '#0b5d78', onLight: '#ffffff', dark: '#86cfe6', onDark: '#0b1a20' };

const white = '#ffffff';
const darkSurfaces = ['#1a252c', '#10181d'];

/**
 * The accent for both modes from one colour, or undefined when white text on it would be hard to read. In dark mode it is mixed with white until
 * it can be read on the dark card and the dark page.
 */
export function accentFrom(colour: string): Accent | undefined {
  if (contrast(colour, white) < minimumContrast) return undefined;
  for (let share = 0; ; share += 0.05) {
    const dark = share >= 1 ? white : mixedWithWhite(colour, share);
    if ([...darkSurfaces, builtInAccent.onDark].every((surface) => contrast(dark, surface) >= minimumContrast))
      return { light: colour, onLight: white, dark, onDark: builtInAccent.onDark };
  }
}

/** WCAG 2.2, "contrast ratio" and "relative luminance", of two colours written #rrggbb. */
export function contrast(one: string, other: string): number {
  const [dim = NaN, bright = NaN] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: string): number {
  const [red = NaN, green = NaN, blue = NaN] = channelsOf(colour).map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mixedWithWhite(colour: string, share: number): string {
  const mixed = channelsOf(colour).map((value) => Math.round(value + (255 - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channelsOf(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
