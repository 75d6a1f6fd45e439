import { createHash } from 'node:crypto';
import type { Accent } from '../branding/colours.js';

/**
 * The page's whole style, kept inline: behind a proxy that strips a path prefix an asset's address would have to be guessed, and an inline
 * style is one request less on a phone. The Content-Security-Policy names its hash.
 */
export function styleFor({ light, onLight, dark, onDark }: Accent): string {
  return `
:root{color-scheme:light dark;--page:#eef2f4;--card:#ffffff;--text:#17232c;--soft:#4c5c68;--line:#d9e1e6;--edge:#6b7c88;--accent:${light};--on-accent:${onLight};
--calm:#0b5d78;--calm-disc:#e0eff4;--warm:#8a4b08;--warm-disc:#fbeeda;--firm:#9b2c3f;--firm-disc:#fae6e9;--shadow:0 1px 2px #17232c14,0 12px 32px #17232c14}
@media (prefers-color-scheme:dark){:root{--page:#10181d;--card:#1a252c;--text:#eaf0f3;--soft:#b0bec8;--line:#32424c;--edge:#8496a2;--accent:${dark};--on-accent:${onDark};
--calm:#86cfe6;--calm-disc:#1d3a45;--warm:#f1bf7c;--warm-disc:#43321c;--firm:#f3a6b3;--firm-disc:#45262d;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;grid-template-columns:minmax(0,34rem);align-content:center;justify-content:center;gap:1.25rem;
padding:max(1.5rem,env(safe-area-inset-top)) 1rem max(1.5rem,env(safe-area-inset-bottom));background:var(--page);color:var(--text);
font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
header{display:grid;justify-items:center;gap:.75rem}
.logo{display:block;max-width:min(100%,16rem);max-height:4.5rem}
.name{margin:0;text-align:center;font-weight:600;color:var(--soft)}
main{background:var(--card);border:1px solid var(--line);border-radius:1.25rem;box-shadow:var(--shadow);padding:2.25rem 1.25rem 1.5rem;text-align:center}
.disc{display:inline-grid;place-items:center;width:4.75rem;height:4.75rem;border-radius:50%;margin-bottom:1rem}
.disc svg{width:2.375rem;height:2.375rem;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.calm{color:var(--calm);background:var(--calm-disc)}.warm{color:var(--warm);background:var(--warm-disc)}.firm{color:var(--firm);background:var(--firm-disc)}
h1{margin:0 0 .75rem;font-size:1.625rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:break-word}
p{margin:0 0 .75rem;text-wrap:balance}
.happened,.hint{color:var(--soft)}
.facts{margin:1.25rem 0;border-block:1px solid var(--line);text-align:start}
.facts div{padding:.625rem 0}.facts div+div{border-top:1px solid var(--line)}
dt{font-size:.875rem;color:var(--soft)}dd{margin:0;font-weight:600}
form.entry{margin:1.5rem 0 0;text-align:start}
label,legend{display:block;padding:0;font-weight:600}
fieldset{margin:0 0 1.5rem;padding:0;border:0;min-width:0}
.field{margin-bottom:1.5rem}
.hint,.error{margin:.125rem 0 .5rem;font-size:.9375rem;text-wrap:wrap}
.error{color:var(--firm);font-weight:600}
input[type=text]{display:block;width:100%;max-width:16rem;min-height:3rem;padding:.5rem .875rem;border:2px solid var(--edge);border-radius:.625rem;background:var(--card);color:var(--text);
font:inherit;font-size:1.25rem;font-variant-numeric:tabular-nums;letter-spacing:.06em}
[aria-invalid]{border-color:var(--firm)!important}
.date{display:flex;flex-wrap:wrap;gap:1rem}.date label{font-weight:400;margin-bottom:.125rem}
.date input{width:4.25rem}.date div:last-child input{width:6.25rem}
.choice{display:flex;align-items:center;gap:.75rem;min-height:3rem;margin-top:.5rem;padding:.5rem .875rem;border:2px solid var(--line);border-radius:.625rem;font-weight:400;cursor:pointer}
.choice:has(:checked){border-color:var(--accent)}
.choice input{flex:none;width:1.375rem;height:1.375rem;margin:0;accent-color:var(--accent)}
.actions{display:grid;gap:.75rem;margin:1.5rem 0 0}.actions+.actions{margin-top:.75rem}
.button{display:inline-block;min-height:3rem;margin:0;padding:.6875rem 1.5rem;border:2px solid var(--accent);border-radius:.75rem;background:var(--accent);color:var(--on-accent);
font:inherit;font-weight:600;line-height:1.375rem;text-align:center;text-decoration:none;cursor:pointer;transition:filter .15s}
.button:hover{filter:brightness(1.1)}
.second{background:transparent;color:var(--accent)}
.problem{margin:0 0 1.5rem;padding:1rem 1.125rem;border:2px solid var(--firm);border-radius:.875rem;text-align:start}
.problem h2{margin:0 0 .25rem;font-size:1.125rem;line-height:1.3}
.problem p{margin:0;text-wrap:wrap}.problem a{display:inline-block;padding:.25rem 0;color:var(--firm);font-weight:600}
.contact{margin:1.5rem 0 0;padding:1rem 1.125rem;border-radius:.875rem;background:var(--page);text-align:start}
.contact h2{margin:0 0 .125rem;font-size:.875rem;font-weight:600;color:var(--soft)}
.contact p{margin:0;white-space:pre-line;text-wrap:wrap}
.reference{margin:1rem 0 0;font-size:.8125rem;color:var(--soft)}
.reference span{display:inline-block}
nav form{display:flex;flex-wrap:wrap;justify-content:center;gap:.25rem}
nav button{min-width:2.75rem;min-height:2.75rem;padding:.25rem .75rem;border:2px solid transparent;border-radius:.625rem;background:transparent;color:var(--text);font:inherit;font-size:.9375rem;
text-decoration:underline;text-underline-offset:.2em;cursor:pointer}
nav [aria-current]{border-color:var(--edge);font-weight:600;text-decoration:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
@media (max-width:16rem){body{padding-inline:.5rem;hyphens:auto}main,.problem,.contact{padding-inline:.75rem}.choice{padding-inline:.5rem}.button{padding-inline:.125rem}}
@media (min-width:40rem){main{padding:2.25rem 2.75rem 2rem}}
@media (forced-colors:active){.facts,.contact,.choice,.problem{border-color:CanvasText}.contact{border:1px solid}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
`.trim();
}

/** As the Content-Security-Policy names the content of a style element. */
export function styleHash(style: string): string {
  return `sha256-${createHash('sha256').update(style, 'utf8').digest('base64')}`;
}
