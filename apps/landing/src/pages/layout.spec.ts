import { pageNames } from '../languages/messages.js';
import { languageCodes, languages } from '../languages/languages.js';
import { escapeHtml } from './escape.js';
import { renderPage } from './layout.js';
import { style } from './style.js';

describe('renderPage', () => {
  it.each(pageNames.flatMap((page) => languageCodes.map((language) => [page, language] as const)))(
    'says what happened on the page %s in %s',
    (page, language) => {
      const html = renderPage(page, { language });
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).toContain(`<h1>${escapeHtml(languages[language].pages[page].heading)}</h1>`);
      expect(html).toContain(`<title>${languages[language].title}</title>`);
      expect(html.match(/<h1>/g)).toHaveLength(1);
    },
  );

  it('lets no name and no contact out of its place', () => {
    const hostile = `</title></style><script>alert("1")</script><img src=x onerror='a()'> & co`;
    for (const page of pageNames) {
      const html = renderPage(page, { language: 'en', institution: hostile, contact: hostile, reference: hostile });
      expect(html).not.toMatch(/<script|<img|onerror='/);
      expect(html.match(/<\/title>/g)).toHaveLength(1);
      expect(html.match(/<\/style>/g)).toHaveLength(1);
      expect(html).toContain('&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)');
    }
  });

  it('runs no script and fetches nothing', () => {
    for (const page of pageNames) {
      const html = renderPage(page, { language: 'en', institution: 'Clinic', contact: 'desk' });
      expect(html).not.toMatch(/<script|<img|<form|\ssrc=|\sstyle=|\son\w+=|@import|url\(/i);
      for (const [, address] of html.matchAll(/\shref="([^"]*)"/g)) expect(address).toMatch(/^(data:image\/svg|$)/);
    }
  });

  it('shows the reference on the page of our own fault only', () => {
    for (const page of pageNames)
      expect(renderPage(page, { language: 'en', reference: 'ref-1' }).includes('ref-1')).toBe(page === 'unavailable');
  });
});

describe('the colours', () => {
  const [light = '', dark = ''] = style.split('prefers-color-scheme:dark');
  const pairs = [
    ['text', 'card'],
    ['text', 'page'],
    ['soft', 'card'],
    ['soft', 'page'],
    ['accent', 'card'],
    ['on-accent', 'accent'],
    ['calm', 'calm-disc'],
    ['warm', 'warm-disc'],
    ['firm', 'firm-disc'],
  ];
  it.each([
    ['light', light],
    ['dark', dark],
  ])('reach the contrast of WCAG AA in %s mode', (_mode, css) => {
    const colour = (name: string) => new RegExp(`--${name}:#([0-9a-f]{6})`).exec(css)?.[1] ?? 'none';
    for (const [front = '', back = ''] of pairs)
      expect({ front, back, enough: contrast(colour(front), colour(back)) >= 4.5 }).toEqual({
        front,
        back,
        enough: true,
      });
  });
});

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = NaN, green = NaN, blue = NaN] = [0, 2, 4].map((at) => {
      const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dim = NaN, bright = NaN] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}
