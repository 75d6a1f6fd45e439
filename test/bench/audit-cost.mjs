// What a validation costs more because it is recorded: the service with and without AUDIT_ACCESS, in turn, nine pairs in
// three processes of each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, startLoad, warmUp } from './measure.mjs';
import { makeQuestions } from './questions.mjs';
import { startRealm } from './realm.mjs';
import { goal, heading, say } from './report.mjs';
import { startService } from './service.mjs';
import { spread } from './statistics.mjs';

const size = { generations: 3, pairs: 3, requests: 20_000, warmUp: 20_000, questions: 256 };

/** Microseconds of CPU that each recorded slice cost more than the one beside it. */
async function pairs(start, load, kind) {
  const more = [];
  for (let generation = 0; generation < size.generations; generation++) {
    const without = await start('without', { AUDIT_ACCESS: 'false' });
    const recorded = await start('recorded', {});
    await warmUp(load, [without, recorded], [kind], size.warmUp);
    const [off, on] = await inTurn(
      load,
      [without, recorded],
      { kind, callers: 16, newConnection: false, requests: size.requests },
      size.pairs,
    );
    more.push(...on.map(({ cpu }, round) => cpu - off[round].cpu));
    await without.stop();
    await recorded.stop();
  }
  return more;
}

export async function costOfRecording({ dist, database }) {
  heading('Validate, recorded beside not recorded (16 kept connections)');
  const folder = mkdtempSync(join(tmpdir(), 'warden-bench-cost-'));
  const realm = await startRealm();
  const start = (name, settings) => startService({ dist, database, folder, name, settings });
  const first = await startService({ dist, database, folder, name: 'first', issuer: realm.issuer });
  const load = await startLoad(await makeQuestions(first.port, size.questions, realm));
  await first.stop();
  for (const [kind, label] of [
    ['validate', 'links asked about all the time'],
    ['unseen', 'links not seen lately'],
  ]) {
    const { min, low, median, high, max } = spread(await pairs(start, load, kind));
    const text = `${median.toFixed(2)} (${min.toFixed(2)} … ${max.toFixed(2)}; half in ${low.toFixed(2)} … ${high.toFixed(2)})`;
    if (kind === 'validate') goal('µs of CPU more for a validation, at most 3', median, 3, text);
    else say(`- ${label}: ${text} µs more`);
  }
  rmSync(folder, { recursive: true, force: true });
}
