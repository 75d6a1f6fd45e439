import { createHash } from 'node:crypto';

/**
 * The page's whole style, kept inline: behind a proxy that strips a path prefix an asset's address would have to be guessed, and an inline
 * style is one request less on a phone. The Content-Security-Policy names its hash.
 */
export const style = `
:root{color-scheme:light dark;--page:#eef2f4;--card:#ffffff;--text:#17232c;--soft:#4c5c68;--line:#d9e1e6;--accent:#0b5d78;--on-accent:#ffffff;
--calm:#0b5d78;--calm-disc:#e0eff4;--warm:#8a4b08;--warm-disc:#fbeeda;--firm:#9b2c3f;--firm-disc:#fae6e9;--shadow:0 1px 2px #17232c14,0 12px 32px #17232c14}
@media (prefers-color-scheme:dark){:root{--page:#10181d;--card:#1a252c;--text:#eaf0f3;--soft:#b0bec8;--line:#32424c;--accent:#86cfe6;--on-accent:#0b1a20;
--calm:#86cfe6;--calm-disc:#1d3a45;--warm:#f1bf7c;--warm-disc:#43321c;--firm:#f3a6b3;--firm-disc:#45262d;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;grid-template-columns:minmax(0,32rem);align-content:center;justify-content:center;gap:1.25rem;
padding:max(1.5rem,env(safe-area-inset-top)) 1rem max(1.5rem,env(safe-area-inset-bottom));background:var(--page);color:var(--text);
font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
.name{margin:0;text-align:center;font-weight:600;color:var(--soft)}
main{background:var(--card);border:1px solid var(--line);border-radius:1.25rem;box-shadow:var(--shadow);padding:2.25rem 1.5rem 1.5rem;text-align:center}
.disc{display:inline-grid;place-items:center;width:4.75rem;height:4.75rem;border-radius:50%;margin-bottom:1rem}
.disc svg{width:2.375rem;height:2.375rem;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.calm{color:var(--calm);background:var(--calm-disc)}.warm{color:var(--warm);background:var(--warm-disc)}.firm{color:var(--firm);background:var(--firm-disc)}
h1{margin:0 0 .75rem;font-size:1.625rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:break-word}
p{margin:0 0 .75rem;text-wrap:balance}
.happened{color:var(--soft)}
.button{display:inline-block;margin:.75rem 0 .5rem;padding:.75rem 1.75rem;border-radius:.75rem;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none;
transition:filter .15s}
.button:hover{filter:brightness(1.1)}
.contact{margin:1.5rem 0 0;padding:1rem 1.125rem;border-radius:.875rem;background:var(--page);text-align:start}
.contact h2{margin:0 0 .125rem;font-size:.875rem;font-weight:600;color:var(--soft)}
.contact p{margin:0;white-space:pre-line;text-wrap:wrap}
.reference{margin:1rem 0 0;font-size:.8125rem;color:var(--soft)}
details p:last-child{margin-bottom:.25rem}
.reference span{display:inline-block}
details{margin-top:1.25rem;padding-top:.5rem;border-top:1px solid var(--line)}
summary{display:inline-block;padding:.5rem .75rem;border-radius:.5rem;color:var(--accent);font-size:.9375rem;font-weight:600;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary::after{content:"";display:inline-block;width:.45em;height:.45em;margin:0 0 .2em .5em;border:solid currentColor;border-width:0 2px 2px 0;transform:rotate(45deg);transition:transform .15s}
[open]>summary::after{transform:rotate(-135deg);margin-bottom:-.1em}
details h2{margin:1rem 0 .5rem;font-size:1.1875rem;line-height:1.3}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
@media (min-width:40rem){main{padding:2.25rem 2.75rem 1.25rem}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
`.trim();

export const styleHash = `sha256-${createHash('sha256').update(style, 'utf8').digest('base64')}`;
