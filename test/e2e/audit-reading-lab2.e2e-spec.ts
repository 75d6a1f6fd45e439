import { readFileSync } from 'node:fs';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresAuditEventsStore } from '../../apps/auth-service/src/audit/reading/infra/postgres-audit-events.store.js';
it('lab', async () => {
  const { applicationUrl } = JSON.parse(readFileSync('/tmp/h/lab-search.json', 'utf8'));
  const database = new Database(new Secret(applicationUrl));
  const one = new PostgresAuditEventsStore(database);
  const out: string[] = [];
  const original = database.query.bind(database);
  let spent: string[] = [];
  (database as any).query = async (...a: [string, any[]]) => { const t = performance.now(); try { const r: any = await original(...a); for (const x of r) if (x.record !== undefined) { x.record = '{}'; x.erasable = null; } return r; } catch (e) { out.push(String((e as Error).cause), a[0]); throw e; } finally { spent.push((performance.now() - t).toFixed(1)); } };
  const wanted = { order: 'newest-first', limit: 50, after: null } as const;
  const filters: any = { none: {}, actor: { actor: 'keycloak:7' }, patient: { patient: 'P77' }, patientQ: { patient: 'Q7' }, study: { study: '1.2.77' }, study2: { study: '1.3.7' }, share: { share: '' }, event: { events: ['share.opened'] }, events: { events: ['share.opened', 'share.created', 'share.refused'] }, class: { class: 'denial' }, outcome: { outcome: 'minor-failure' }, address: { address: '10.0.0.7' },
   'patient+event': { patient: 'P77', events: ['share.opened'] }, 'patient+class disclosure': { patient: 'P77', class: 'disclosure' }, 'study+outcome': { study: '1.3.20', outcome: 'minor-failure' }, 'actor+event': { actor: 'keycloak:7', events: ['share.opened'] }, 'patient+address+study': { patient: 'P77', address: '10.0.0.77', study: '1.2.77' }, rare: { patient: 'nobody' }, 'rare disclosure': { patient: 'nobody', class: 'disclosure' }, 'rare study': { study: 'none' }, text: { text: 'nowhere', from: Date.UTC(2026, 9, 1) },
   'rare 2 months': { patient: 'nobody', from: Date.UTC(2026, 9, 1) } };
  const { createHash } = await import('node:crypto');
  const h = createHash('md5').update('s7').digest('hex'); filters.share.share = h.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  for (const [name, filter] of Object.entries(filters)) {
    const lines: string[] = [];
    for (let i = 0; i < 4; i++) { spent = []; const t = performance.now(); await one.page(filter as any, wanted); lines.push((performance.now() - t).toFixed(1) + '=' + spent.slice(0, 9).join('+')); }
    process.stderr.write(`${name}: ${lines.slice(1).join('  |  ')}\n`); out.push(`${name}: ${lines.slice(1).join('  |  ')}`);
  }
  for (const by of ['day', 'event', 'actor'] as const) { const t = performance.now(); const c = await one.counts({ from: Date.UTC(2026, 10, 1) }, by, 100); out.push(`${by} ${c.total} ${(performance.now() - t).toFixed(1)}`); }
  { const t = performance.now(); const c = await one.counts({ patient: 'P77' }, 'day', 5000); out.push(`patient days ${c.total} ${(performance.now() - t).toFixed(1)}`); }
  console.log(out.join('\n'));
  await database.close();
}, 100_000);
