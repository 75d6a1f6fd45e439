import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { advisoryLocks } from './advisory-locks.js';

/** What functions of the schema lock. */
function numbersInMigrations(): number[] {
  const folder = join(__dirname, '../../../../../migrations');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/_advisory_\w*lock\w*\((\d+)\)/g)].map(([, number]) => Number(number)),
  );
}

it('no two things are guarded by one lock, those of migrations included', () => {
  const numbers = [...Object.values(advisoryLocks), ...numbersInMigrations()];
  expect(numbersInMigrations()).toContain(7_241_912);
  expect(new Set(numbers).size).toBe(numbers.length);
});
