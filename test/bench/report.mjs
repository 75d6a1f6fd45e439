const micro = (value) => `${value.toFixed(1)}`;
const milli = (value) => value.toFixed(2);
const times = (value) => value.toFixed(2);
const interval = ({ min, low, median, high, max }) =>
  `**${times(median)}** (${times(min)} … ${times(max)}; half in ${times(low)} … ${times(high)})`;

export function say(line = '') {
  console.log(line);
}

export function heading(text) {
  say(`\n### ${text}\n`);
}

export function row(...cells) {
  say(`| ${cells.join(' | ')} |`);
}

export function header(...cells) {
  row(...cells);
  row(...cells.map(() => '---'));
}

/** One line per way of calling: service beside floor. */
export function comparisonHeader() {
  header(
    'call',
    'connections',
    'pairs',
    'CPU µs: service',
    'floor',
    'CPU ratio: median (min … max; quartiles)',
    'req/s',
    'floor',
    'p50 ms',
    'floor',
    'p99 ms',
    'floor',
  );
}

export function comparisonRow(call, way, pairs, floor, service) {
  row(
    call,
    way,
    pairs,
    micro(service.cpu),
    micro(floor.cpu),
    interval(service.ratio),
    Math.round(service.perSecond),
    Math.round(floor.perSecond),
    milli(service.p50),
    milli(floor.p50),
    milli(service.p99),
    milli(floor.p99),
  );
}

export function sizeHeader() {
  header(
    'registered',
    'revoked',
    'ready s',
    'CPU µs',
    'CPU ratio to none registered: median (min … max; quartiles)',
    'req/s',
    'p99 ms',
    'resident MB after load',
    'at most',
  );
}

export function sizeRow({ shares, revoked }, readyMs, result, memory) {
  row(
    shares.toLocaleString('en'),
    revoked.toLocaleString('en'),
    (readyMs / 1000).toFixed(2),
    micro(result.cpu),
    interval(result.ratio),
    Math.round(result.perSecond),
    milli(result.p99),
    memory.now.toFixed(0),
    memory.peak.toFixed(0),
  );
}

/** A stated goal beside what was measured. Text only: a timing on a shared machine is no reason to fail a build. */
export function goal(text, value, bound, shown) {
  say(`- ${value <= bound ? 'PASS' : 'FAIL'}: ${text}: ${shown}`);
}

export { interval };
