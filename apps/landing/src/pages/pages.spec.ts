import { plainBranding, type Branding } from '../branding/branding.js';
import { accentFrom, builtInAccent, contrast } from '../branding/colours.js';
import { readTemplate } from '../branding/templates.js';
import { languageCodes, languages, type Language } from '../languages/languages.js';
import { pageNames, type PageName } from '../languages/messages.js';
import { liveLink } from '../../support/scripted-auth-service.js';
import { escapeHtml } from './escape.js';
import { Pages, type PageDetail } from './pages.js';
import { styleFor, styleHash } from './style.js';

const pagesWith = (branding: Partial<Branding>) => new Pages({ ...plainBranding, ...branding }, 'UTC');
const plain = pagesWith({});
const show = (page: PageName, detail: PageDetail = {}, language: Language = 'en', pages = plain) =>
  pages.render(page, language, 'post', detail).toString();
const link = (members: Parameters<typeof liveLink>[0] = {}, more: object = {}) =>
  ({ link: { link: liveLink(members), codeAsked: false, ...more } }) satisfies PageDetail;

describe('a page', () => {
  it.each(pageNames.flatMap((page) => languageCodes.map((language) => [page, language] as const)))(
    'says what happened: %s in %s',
    (page, language) => {
      const html = show(page, {}, language);
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).toContain(`<h1>${escapeHtml(languages[language].pages[page].heading)}</h1>`);
      expect(html).toContain(`<title>${languages[language].title}</title>`);
      expect(html.match(/<h1>/g)).toHaveLength(1);
      expect(html).not.toMatch(/\{\{|\{\w+\}(?![^<]*<\/style>)|undefined|\[object/);
    },
  );

  it('offers every language by its own name, and marks the one it is in', () => {
    for (const current of languageCodes) {
      const html = show('expired', {}, current);
      for (const code of languageCodes) {
        const mark = code === current ? ' aria-current="true"' : '';
        const name = languages[code].languageName;
        expect(html).toContain(`<button name="lang" value="${code}" lang="${code}"${mark}>${name}</button>`);
      }
      expect(html).toContain(`<nav aria-label="${languages[current].languageHeading}">`);
    }
  });

  it('lets no name, contact, reference or sharer out of its place', () => {
    const hostile = `</title></style><script>alert("1")</script><img src=x onerror='a()'> & {{form}} co`;
    const pages = pagesWith({ name: hostile, contact: hostile, logo: { address: 'data:,', alt: hostile } });
    const members = { sharedBy: hostile, codeSentTo: hostile, gate: 'email-code' } as const;
    for (const codeAsked of [false, true])
      for (const page of pageNames) {
        const detail = { reference: hostile, ...(page === 'link' ? link(members, { codeAsked }) : {}) };
        const html = show(page, detail, 'en', pages);
        expect(html).not.toMatch(/<script|<img src|onerror='/);
        expect(html.match(/<\/title>/g)).toHaveLength(1);
        expect(html.match(/<\/style>/g)).toHaveLength(1);
        expect(html).toContain('&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)');
      }
  });

  it('runs no script, fetches nothing and posts to itself', () => {
    for (const page of pageNames) {
      const html = show(page, page === 'link' ? link({ download: true }) : {}, 'en', pagesWith({ contact: 'desk' }));
      expect(html).not.toMatch(/<script|<img|\saction="|\ssrc=|\sstyle=|\son\w+=|@import|url\(/i);
      for (const [, address] of html.matchAll(/\shref="([^"]*)"/g)) expect(address).toMatch(/^(data:image\/svg|$)/);
    }
  });

  it('shows the reference on the page of our own fault only', () => {
    for (const page of pageNames)
      expect(show(page, { reference: 'ref-1' }).includes('ref-1')).toBe(page === 'unavailable');
  });

  it('leads on by itself and by a link, letter by letter', () => {
    const url = 'https://images.example/?names=[a]&token=t';
    for (const page of ['opening', 'downloading'] as const) {
      const html = show(page, { url });
      expect(html).toContain(
        '<meta http-equiv="refresh" content="0;url=https://images.example/?names=[a]&amp;token=t">',
      );
      expect(html).toContain('rel="noreferrer" href="https://images.example/?names=[a]&amp;token=t"');
    }
  });

  it('tells when a link opens and how long to wait', () => {
    expect(show('scheduled', { opensAt: new Date('2026-12-01T08:00:00Z') })).toContain(
      '<time datetime="2026-12-01T08:00:00.000Z">1 December 2026 at 08:00 UTC</time>',
    );
    expect(show('too-many-attempts', { waitSeconds: 300 })).toContain('<dd>5 minutes</dd>');
  });
});

describe('the page of a link', () => {
  it('says what is shared, by whom and until when', () => {
    const html = show(
      'link',
      link({
        studies: 2,
        sharedBy: 'Dr. Ada',
        expiresAt: new Date('2026-12-01T08:00:00Z'),
      }),
    );
    expect(html).toContain('<dd>Medical images of 2\u00a0examinations</dd>');
    expect(html).toContain('<dd><bdi>Dr. Ada</bdi></dd>');
    expect(html).toContain('1 December 2026 at 08:00 UTC');
    expect(/<title>.*<\/title>/.exec(html)?.[0]).toBe('<title>Shared images</title>');
  });

  it('leaves out what is not told', () => {
    const html = show('link', link({ studies: null }));
    expect(html).toContain('<dd>Medical images</dd>');
    expect(html.match(/<dt>/g)).toHaveLength(1);
  });

  it('asks for a PIN with a label, a hint and the keys of a telephone', () => {
    const html = show('link', link({ gate: 'pin' }));
    expect(html).toContain('<label for="secret">PIN</label>');
    expect(html).toMatch(
      /<input type="text" id="secret" name="secret" inputmode="numeric" autocomplete="off"[^>]* aria-describedby="secret-hint">/,
    );
    expect(html).not.toMatch(/aria-invalid=|role="alert"/);
  });

  it('asks for a date of birth in three fields under one legend', () => {
    const html = show('link', link({ gate: 'birth-date' }));
    expect(html).toContain('<fieldset aria-describedby="date-hint"><legend>The patient’s date of birth</legend>');
    for (const part of ['day', 'month', 'year'])
      expect(html).toMatch(
        new RegExp(
          `<label for="${part}">.*<input type="text" id="${part}" name="${part}" inputmode="numeric" autocomplete="off"`,
        ),
      );
  });

  it('offers to send a code, then asks for it, and keeps asking when the language changes', () => {
    const members = { gate: 'email-code', codeSentTo: 'j…@e….org' } as const;
    const before = show('link', link(members));
    expect(before).toContain('value="send-code"');
    expect(before).toContain('value="have-code"');
    expect(before).not.toMatch(/id="secret"|name="step"/);
    const after = show('link', link(members, { codeAsked: true }));
    expect(after).toMatch(/id="secret"[^>]*autocomplete="one-time-code"/);
    expect(after).toContain('sent to <bdi>j…@e….org</bdi>');
    expect(after).toContain('<input type="hidden" name="step" value="code">');
  });

  it('lets choose a viewer only when there are several, and download only when offered', () => {
    const viewers = [
      { id: 'stone', name: 'Stone', url: null },
      { id: 'ohif', name: 'OHIF', url: null },
    ];
    const several = show('link', link({ viewers, download: true }));
    expect(several.match(/type="radio"/g)).toHaveLength(2);
    expect(several).toContain('value="stone" id="viewer" checked');
    expect(several).toContain('value="download"');
    expect(show('link', link({}))).not.toMatch(/type="radio"|value="download"/);
  });

  it('says first and at the field what was wrong, in words for each gate', () => {
    for (const [gate, problem, field, text] of [
      ['pin', 'refused', 'secret', languages.en.pin.refused],
      ['pin', 'missing', 'secret', languages.en.pin.missing],
      ['birth-date', 'impossible', 'day', languages.en.birthDate.impossible],
      ['email-code', 'refused', 'secret', languages.en.emailCode.refused],
    ] as const) {
      const html = show('link', link({ gate }, { problem, codeAsked: true }));
      const main = html.slice(html.indexOf('<main>'));
      expect(main).toMatch(/^<main>\s*<div class="problem" role="alert" tabindex="-1" autofocus><h2>/);
      expect(main).toContain(`<a href="#${field}">${text}</a>`);
      expect(main).toContain(`id="${field}"`);
      expect(main).toMatch(new RegExp(`<input[^>]*id="${field}"[^>]*aria-(invalid="true"|describedby="[^"]*-error")`));
      expect(main).toMatch(new RegExp(`<p class="error" id="(secret|date)-error">${text}</p>`));
      expect(html).toContain('<title>Error: Shared images</title>');
    }
  });

  it('points at the choice when the viewer is not offered, and at a button when there is no field', () => {
    const viewers = [
      { id: 'a', name: 'A', url: null },
      { id: 'b', name: 'B', url: null },
    ];
    const choice = show('link', link({ viewers, gate: 'none' }, { problem: 'viewer-not-offered' }));
    expect(choice).toContain('<fieldset aria-describedby="viewer-error">');
    expect(choice).toContain('<a href="#viewer">');
    expect(show('link', link({ gate: 'none' }, { problem: 'refused' }))).toContain('<a href="#open">');
  });

  it('offers the viewers of an ordinary link as plain links', () => {
    const viewers = [
      { id: 'a', name: '$& <A>', url: 'https://a/?x=1&y=2' },
      { id: 'b', name: 'B', url: 'https://b/' },
    ];
    const html = show('link', link({ opening: 'direct', gate: 'none', viewers, download: true }));
    expect(html).toContain('rel="noreferrer" href="https://a/?x=1&amp;y=2">Open in $&amp; &lt;A&gt;</a>');
    expect(html.match(/rel="noreferrer"/g)).toHaveLength(2);
    expect(html).toContain('value="download"');
  });
});

describe('a page of the installer', () => {
  const template = (page: PageName, html: string) => {
    const result = readTemplate(page, html);
    if (!result.ok) throw new Error(result.faults.join());
    return pagesWith({
      name: 'A & B',
      contact: '<desk>',
      logo: { address: 'data:,', alt: 'A' },
      templates: { [page]: result.template },
    });
  };

  it('gets texts escaped, and ours stays where there is none', () => {
    const pages = template('expired', '<html lang="{{lang}}">{{name}}|{{contact}}|{{heading}}|{{logo}}|{{languages}}');
    const html = show('expired', {}, 'fr', pages);
    expect(html).toMatch(
      /^<html lang="fr">A &amp; B\|&lt;desk&gt;\|Ce lien a expiré\|<img class="logo" src="data:," alt="A">\|<nav /,
    );
    expect(show('revoked', {}, 'fr', pages)).toContain('<h1>Ce lien a été retiré</h1>');
  });

  it('may bring its own style, whose hash is in the policy, whatever its line ends', () => {
    const pages = template('expired', '<style>\r\np{color:red}\r\n</style><STYLE media="print">b{}</STYLE >{{style}}');
    expect(pages.styleHashes).toEqual([
      styleHash(styleFor(builtInAccent)),
      styleHash('\np{color:red}\n'),
      styleHash('b{}'),
    ]);
    expect(show('expired', {}, 'en', pages)).toContain('<style>\np{color:red}\n</style>');
  });

  it('holds the form with its summary of faults, and leads on from its head', () => {
    const linkPage = template('link', '<main>{{form}}</main>');
    expect(show('link', link({}, { problem: 'refused' }), 'en', linkPage)).toMatch(
      /^<main><div class="problem"[^]*<form method="post"/,
    );
    const opening = template('opening', '<head><title>{{title}}</title></head>{{form}}');
    expect(show('opening', { url: 'https://a/' }, 'en', opening)).toMatch(
      /^<head><title>A &amp; B<\/title><meta http-equiv="refresh" content="0;url=https:\/\/a\/">\n<\/head><p class="actions"><a /,
    );
  });
});

describe('the colours', () => {
  const pairs = [
    ['text', 'card'],
    ['text', 'page'],
    ['soft', 'card'],
    ['soft', 'page'],
    ['accent', 'card'],
    ['on-accent', 'accent'],
    ['firm', 'card'],
    ['calm', 'calm-disc'],
    ['warm', 'warm-disc'],
    ['firm', 'firm-disc'],
  ];
  const accents = [
    ['built-in', builtInAccent],
    ...['#000000', '#0b5d78', '#7a0000', '#004400', '#0000ff', '#767676'].map((one) => [one, accentFrom(one)] as const),
  ] as const;
  it.each(accents)('reach the contrast of WCAG AA with the accent %s', (_name, accent) => {
    expect(accent).toBeDefined();
    const [light = '', dark = ''] = styleFor(accent ?? builtInAccent).split('prefers-color-scheme:dark');
    for (const css of [light, dark]) {
      const colour = (name: string) => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(css)?.[1] ?? 'none';
      for (const [front = '', back = ''] of pairs)
        expect([front, back, contrast(colour(front), colour(back)) >= 4.5]).toEqual([front, back, true]);
      // The edge of a field: WCAG 2.2, 1.4.11.
      expect(contrast(colour('edge'), colour('card'))).toBeGreaterThanOrEqual(3);
    }
  });

  it('are refused when white text on them would be hard to read', () => {
    expect([accentFrom('#777777'), accentFrom('#ffcc00')]).toEqual([undefined, undefined]);
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  });
});
