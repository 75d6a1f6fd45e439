import { substituteCompose } from './substitute-compose.js';
import { missingVariables, substituteVariables } from './substitute-variables.js';

const env = { SET: 'set', EMPTY: '' };

describe('variables of a configuration', () => {
  // As Orthanc 1.12.7 was seen to read them.
  it.each([
    ['${SET}', 'set'],
    ['[${NOPE}]', '[]'],
    ['${NOPE:-dflt}', 'dflt'],
    ['${NOPE:-a b-:c}', 'a b-:c'],
    ["${NOPE:-'q'}", 'q'],
    ['${NOPE:-"q"}', '${NOPE:-"q"}'],
    ['${SET:-x}', 'set'],
    ['[${EMPTY:-x}]', '[]'],
    ['[${NOPE:-}]', '[]'],
    ['$SET', '$SET'],
    ['${NO:PE}', '${NO:PE}'],
    ['${NOPE:-{a}}', '{a}'],
  ])('%s becomes %s', (text, value) => {
    expect(substituteVariables(text, env)).toBe(value);
  });

  it('are missing without value and default, once each, and never in comments', () => {
    expect(missingVariables('"${A}" "${A}" "${B:-}" "${EMPTY}" // ${C}', env)).toEqual(['A']);
  });
});

describe('variables of a compose file', () => {
  it.each([
    ['$SET ${SET}', 'set set'],
    ['$$SET', '$SET'],
    ['[${NOPE}]', '[]'],
    ['${EMPTY:-x} [${EMPTY-x}]', 'x []'],
    ['${SET:+y} [${NOPE:+y}]', 'y []'],
    ['[${NOPE:?say it}]', '[]'],
  ])('%s becomes %s', (text, value) => {
    expect(substituteCompose({ a: [text] }, env)).toEqual({ a: [value] });
  });
});
