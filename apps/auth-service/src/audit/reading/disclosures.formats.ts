import { csvRow } from './csv.js';
import { type Disclosure, sharerUnknown } from './disclosure.js';
import type { Period } from './account-of-disclosures.usecase.js';

const columns = [
  'date',
  'recipient',
  'address',
  'description',
  'studies',
  'purpose',
  'sharedBy',
  'inferred',
  'patientKnownSince',
  'shareId',
  'eventId',
] as const;

const purposeUnknown = 'not told';

export async function* disclosuresAsCsv(batches: AsyncIterable<readonly Disclosure[]>): AsyncGenerator<string> {
  yield csvRow(columns);
  for await (const batch of batches)
    yield batch
      .map((one) =>
        csvRow([
          iso(one.at),
          one.recipient,
          one.address,
          one.description,
          one.studies.join('\n'),
          one.purpose ?? purposeUnknown,
          one.sharedBy ?? sharerUnknown,
          one.inferred ? 'inferred' : '',
          one.patientKnownSince === null ? '' : iso(one.patientKnownSince),
          one.shareId,
          one.eventId,
        ]),
      )
      .join('');
}

const style = `
body { font: 11pt/1.4 system-ui, sans-serif; color: #111; background: #fff; margin: 2rem; }
h1 { font-size: 16pt; margin: 0 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1.5rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #888; padding: .3rem .4rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead { display: table-header-group; } tr { break-inside: avoid; }
footer { margin-top: 1rem; font-size: 9pt; }
@page { size: A4 landscape; margin: 15mm; }
@media print { body { margin: 0; font-size: 9pt; } }
`;

/** A page to print: nothing on it is loaded from anywhere, and nothing runs. */
export async function* disclosuresAsHtml(
  batches: AsyncIterable<readonly Disclosure[]>,
  { patient, period, madeAt }: { readonly patient: string; readonly period: Period; readonly madeAt: number },
): AsyncGenerator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Accounting of disclosures</title>
<style>${style}</style>
</head>
<body>
<h1>Accounting of disclosures</h1>
<dl>
<dt>Patient</dt><dd>${escaped(patient)}</dd>
<dt>Period</dt><dd>${iso(period.from)} to ${iso(period.to)}</dd>
<dt>Made</dt><dd>${iso(madeAt)}</dd>
</dl>
<table>
<thead><tr><th scope="col">Date (UTC)</th><th scope="col">Received by</th><th scope="col">What</th><th scope="col">Purpose</th><th scope="col">Shared by</th></tr></thead>
<tbody>
`;
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    yield batch.map(tableRow).join('');
  }
  yield `</tbody>
</table>
<p>${count === 0 ? 'No disclosure is recorded in this period.' : `${count} ${count === 1 ? 'entry' : 'entries'}, oldest first.`}</p>
<footer>
<p>Inferred: the link was its own key and no exchange was seen; images were asked for with it, by whoever had it.</p>
<p>Patient known since: the record of it names no patient; the archive told later whose images they are.</p>
<p>Told from the record of orthanc-warden (45 CFR 164.528). What was erased on request, or kept for as long as it was to be, is not told.</p>
</footer>
</body>
</html>
`;
}

function tableRow(one: Disclosure): string {
  const lines = (all: readonly (string | null)[]): string =>
    all
      .filter((line) => line !== null && line !== '')
      .map((line) => escaped(line as string))
      .join('<br>');
  const cells = [
    iso(one.at),
    lines([one.recipient, one.address]),
    lines([
      one.inferred ? `${one.description} (inferred)` : one.description,
      one.patientKnownSince === null ? null : `Patient known since ${iso(one.patientKnownSince)}`,
      ...one.studies,
    ]),
    lines([one.purpose ?? purposeUnknown]),
    lines([one.sharedBy ?? sharerUnknown]),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
