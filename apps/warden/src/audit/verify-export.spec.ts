import { createHash } from 'node:crypto';
import { ExportVerifier, type Verdict, readCheckpoints, readKey } from './verify-export.js';

const month = '2026-11';
const begins = Date.parse(`${month}-01T00:00:00Z`);
const sha256 = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const uuid = (number: number): string => `0192f000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** Of the form that most are of, and of others: without a share, with several studies, with escapes and other letters. */
function recordOf(number: number, commitment: string | null): { text: string; columns: unknown[]; subjects: unknown } {
  const form = number % 4;
  const at = begins + number * 1000;
  const studies = form === 1 ? ['1.2', '1.3'] : ['1.2'];
  const share = form === 2 ? null : { id: uuid(900 + number), identity: 'i', studies, type: 'stone' };
  const detail =
    form === 0
      ? { count: 1, level: 'study', method: 'get', serverId: null, study: '1.2', until: at }
      : form === 3
        ? { why: 'é "quoted" \\ {}' }
        : { opens: 1, viewer: 'stone' };
  const [id, name, actor, reason] = [
    uuid(number),
    'access.granted',
    form === 3 ? 'kéy' : 'user:1',
    form === 1 ? 'late' : null,
  ];
  const text = JSON.stringify({
    actor: { id: actor, kind: 'user' },
    at,
    detail,
    erasable: commitment,
    id,
    name,
    outcome: 'success',
    reason,
    share,
    source: { requestId: null },
    version: 2,
  });
  const study = form === 0 ? '1.2' : (share?.studies[0] ?? null);
  return {
    text,
    columns: [at, id, name, actor, share?.id ?? null, study, 'success', reason],
    subjects: form === 1 ? [['1.3'], null] : null,
  };
}

function halfOf(number: number): string | null {
  if (number % 5 === 0) return null;
  const name = number % 3 === 0 ? 'Ærø' : 'Ada';
  return JSON.stringify({ actor: { name }, share: { patients: ['P1'] }, source: { address: '203.0.113.7' } });
}

/** An export as the service writes it; `forge` changes what is sealed. */
function exportOf(size: number, forge = (text: string): string => text): string[] {
  const classes = ['access', 'denial', 'disclosure', 'management'];
  const header = {
    proof: 1,
    origin: 'o',
    at: begins + 1e9,
    from: null,
    to: null,
    positions: size * 4,
    newest: null,
    key: 'k',
    keys: {},
  };
  const lines = [JSON.stringify(header)];
  let position = 0;
  for (const name of classes) {
    let hash = sha256(`orthanc-warden audit chain\n${name}\n${month}\n`);
    const events: string[] = [];
    for (let n = 1; n <= size; n++) {
      position++;
      const told = halfOf(position);
      const half = told === null ? null : forge(told);
      const salt = sha256(String(position)).subarray(0, 16);
      const record = recordOf(position, half === null ? null : sha256(salt, half).toString('base64url'));
      const number = Buffer.alloc(8);
      number.writeBigInt64BE(BigInt(n));
      const sealedText = forge(record.text);
      hash = sha256(Buffer.from([0]), hash, number, sealedText);
      const [s, t] = half === null ? ['null', 'null'] : [`"${salt.toString('hex')}"`, '["P1", "203.0.113.7"]'];
      events.push(
        `{"n":${n},"p":${position},"h":"${hash.toString('hex')}","c":${JSON.stringify(record.columns)},"s":${s},"x":null,"t":${t},` +
          `"u":${JSON.stringify(record.subjects)},"l":${Buffer.byteLength(half ?? 'null')},"e":${half ?? 'null'},"r":${sealedText}}`,
      );
    }
    lines.push(
      JSON.stringify({ chain: name, month, size, head: hash.toString('hex'), previous: null, dropped: null }),
      ...events,
    );
  }
  return [...lines, '{"end":{}}'];
}

function verdictOn(lines: readonly string[]): Verdict {
  const verifier = new ExportVerifier();
  verifier.take(Buffer.from(`${lines.join('\n')}\n`));
  return verifier.end();
}

describe('an export of records of every form', () => {
  const lines = exportOf(4);

  it('is whole', () => {
    expect(verdictOn(lines)).toMatchObject({ outcome: 'whole', faults: [], events: 16 });
  });

  it('is read the same in pieces of any size', () => {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    for (const size of [1, 7, 1_000]) {
      const verifier = new ExportVerifier();
      for (let from = 0; from < bytes.length; from += size) verifier.take(bytes.subarray(from, from + size));
      expect(verifier.end()).toMatchObject({ outcome: 'whole', events: 16 });
    }
  });

  it('is whole no more when one character of an event is another one, whichever', () => {
    const events = lines.map((line, index) => ({ line, index })).filter(({ line }) => line.startsWith('{"n":'));
    const survived: string[] = [];
    for (const { line, index } of events.slice(0, 8)) {
      // When it was filed is judged by the events around it, and not to the millisecond.
      const [filedFrom, filedTo] = [line.indexOf('"c":[') + 5, line.indexOf(',', line.indexOf('"c":['))];
      for (let place = 0; place < line.length; place++) {
        if (place >= filedFrom && place < filedTo) continue;
        const other = line[place] === '1' ? '2' : '1';
        const changed = [...lines];
        changed[index] = line.slice(0, place) + other + line.slice(place + 1);
        if (verdictOn(changed).outcome === 'whole') survived.push(`${line.slice(0, place)}[${other}]`);
      }
    }
    expect(survived).toEqual([]);
  });

  it('is whole no more when any line is gone, twice there, or in the place of the next', () => {
    for (let index = 0; index < lines.length - 1; index++) {
      const [line = '', next = ''] = lines.slice(index, index + 2);
      expect(verdictOn(lines.toSpliced(index, 1)).outcome).not.toBe('whole');
      if (index > 0) expect(verdictOn(lines.toSpliced(index, 0, line)).outcome).not.toBe('whole');
      expect(verdictOn(lines.toSpliced(index, 2, next, line)).outcome).not.toBe('whole');
    }
  });
});

describe('the short way through lines of the usual form', () => {
  const ways = ExportVerifier.prototype as unknown as { plainEvent(): number; event(line: string): void };
  afterEach(() => jest.restoreAllMocks());

  /** What the short way and reading with care say. */
  function bothOn(lines: readonly string[]): [Verdict, Verdict] {
    const short = verdictOn(lines);
    const way = jest.spyOn(ways, 'plainEvent').mockReturnValue(-1);
    const careful = verdictOn(lines);
    way.mockRestore();
    return [short, careful];
  }

  it('is taken by most, and by none that has escapes or several studies', () => {
    const read = jest.spyOn(ways, 'event');
    expect(verdictOn(exportOf(4)).outcome).toBe('whole');
    const withCare = read.mock.calls.map(([line]) => Number(/"p":(\d+)/.exec(line)?.[1]));
    expect(withCare.map((number) => number % 4)).toEqual([1, 3, 1, 3, 1, 3, 1, 3]);
  });

  it('says what reading with care says of lines that were changed', () => {
    const lines = exportOf(4);
    let chance = 1;
    const below = (bound: number) => (chance = (chance * 48_271) % 2_147_483_647) % bound;
    const pieces = [
      '',
      'null',
      '0',
      '7',
      '-',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ', ',
      ':',
      ' ',
      'é',
      '\t',
      'a',
      'F',
      '1e1',
    ];
    for (let round = 0; round < 1_000; round++) {
      const index = 2 + below(lines.length - 3);
      const line = lines[index] as string;
      const begin = below(line.length);
      const changed = line.slice(0, begin) + (pieces[below(pieces.length)] as string) + line.slice(begin + below(3));
      const [short, careful] = bothOn(lines.with(index, changed));
      expect({ changed, ...short }).toEqual({ changed, ...careful });
    }
  });

  it.each([
    ['"count":1,', ''],
    ['"count":1,', '"level":"a",'],
    ['"count":1,', '"count":1,"count":1,'],
    ['"count":1', '"count":1.0'],
    ['"count":1', '"count":01'],
    ['"count":1', '"count":-0'],
    ['"count":1', '"count":1e0'],
    ['"count":1', '"count":1234567890123456'],
    ['"count":1', '"count": 1'],
    ['"count":1', '"count":[1,]'],
    ['"count":1', '"count":[true,{"b":1,"a":2}]'],
    ['"count":1', '"count":[true,{"a":-1,"b":[]}]'],
    ['"count":1', `"count":${'['.repeat(50)}${']'.repeat(50)}`],
    ['"count":1', '"10":1,"9":1,"count":1'],
    ['"count":1', '"":1,"count":1'],
    ['"study":"1.2"', '"study":null'],
    ['"study":"1.2"', '"study":"1.4"'],
    ['"study":"1.2"', '"study":{"study":"1.2"}'],
    ['"study":"1.2"', '"study":"\\u0031.2"'],
    ['"studies":["1.2"]', '"studies":[]'],
    ['"studies":["1.2"]', '"studies":["1.2",]'],
    ['"version":2', '"version":1'],
    ['"version":2}', '"version":2,}'],
    ['"version":2}', '"version":2} '],
    ['"name":"access.granted"', '"name":"audit.erased"'],
    ['"reason":null', '"reason":"null"'],
    ['"kind":"user"', '"kind":"\u007f\u2028"'],
    ['"kind":"user"', '"kind":"us\\/er"'],
    ['"kind":"user"', '"kind":null'],
    ['"outcome":"success",', ''],
    ['"patients":["P1"]', '"patients":["P1","P2"]'],
    ['"patients":["P1"]', '"patients":[]'],
    ['"name":"Ada"', '"age":7,"name":"Ada"'],
    ['"address":"203.0.113.7"}', '"address":"203.0.113.7"},'],
    ['"address":"203.0.113.7"', '"address":null'],
    [',"source":{"address":"203.0.113.7"}', ''],
    ['"share":{"patients"', '"detail":{"patient":"P9"},"share":{"patients"'],
  ])('says what reading with care says of sealed records with %s made %s', (from, to) => {
    const [short, careful] = bothOn(exportOf(4, (text) => text.replace(from, to)));
    expect(short).toEqual(careful);
  });
});

describe('checkpoints from outside', () => {
  it('are found alone, in lines of a log, and behind what a collector puts before them', () => {
    const signed = { checkpoint: '{}', signature: 's', publicKey: 'k' };
    const text = [
      JSON.stringify(signed),
      JSON.stringify({ level: 'info', ...signed, event: 'audit-checkpoint' }),
      `2026-11-21 host warden: ${JSON.stringify(signed)}`,
      '{"level":"info","event":"something else"}',
      '{"checkpoint": cut',
    ].join('\n');
    expect(readCheckpoints(text)).toEqual([signed, signed, signed]);
  });
});

describe('a key to compare with', () => {
  it('is an id, 32 bytes, or PEM', () => {
    const raw = Buffer.alloc(32, 1).toString('base64url');
    const id = createHash('sha256').update(Buffer.alloc(32, 1)).digest().subarray(0, 9).toString('base64url');
    expect(readKey(id)).toEqual({ id, raw: null });
    expect(readKey(`${raw}\n`)).toEqual({ id, raw });
    expect(readKey('nobody')).toBeNull();
  });
});
