// Moves OHIF's built pages below a path: `node place-under.mjs FOLDER /ohif/`. The package is built for the root of a site, and
// its addresses stand in four places: where the scripts look for further scripts, the fonts of the styles, the links of the first
// page, the manifest.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, path = ''] = process.argv.slice(2);
if (!folder || !/^\/([\w-]+\/)+$/.test(path)) {
  console.error('place-under.mjs FOLDER /PATH/');
  process.exit(2);
}

let scripts = 0;
for (const name of readdirSync(folder).filter((one) => one.endsWith('.js'))) {
  scripts += change(name, [[/__webpack_require__\.p = "\/"/g, `__webpack_require__.p = "${path}"`]]);
}
for (const name of readdirSync(folder).filter((one) => one.endsWith('.css'))) {
  change(name, [[/url\((['"]?)\/(?!\/)/g, `url($1${path}`]]);
}
const pages = change('index.html', [
  [/window\.PUBLIC_URL="\/"/g, `window.PUBLIC_URL="${path}"`],
  [/(\s(?:href|src|content)=")\/(?!\/)/g, `$1${path}`],
]);
change('manifest.json', [[/"\/assets\//g, `"${path}assets/`]]);
// A release that keeps its addresses elsewhere must not become an image that shows an empty page.
if (scripts === 0 || pages === 0) {
  console.error('This release of OHIF is built in another way: nothing was found to change.');
  process.exit(1);
}

/** Returns 1 when the file was changed. */
function change(name, replacements) {
  const file = join(folder, name);
  const before = readFileSync(file, 'utf8');
  const after = replacements.reduce((text, [from, to]) => text.replace(from, to), before);
  if (after === before) return 0;
  writeFileSync(file, after);
  return 1;
}
