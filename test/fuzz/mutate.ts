import fc from 'fast-check';
import type { Random } from './random.ts';

/** Values that readers stumble over, as YAML and JSON have them. */
const SCALARS = [
  ...[
    '',
    '~',
    'null',
    'true',
    'no',
    '0',
    '-1',
    '1e400',
    '-1e-400',
    '9007199254740993',
    '0x1F',
    '1_000',
    '010',
  ],
  ...['.nan', 'NaN', '-.inf', 'Infinity', '2%', '-2%', '1e3%', '5s', '-5s', '1e9d', '2024-02-30', '12:30:45'],
  ...['[]', '{}', '[[[[]]]]', '{a: {a: {a: 1}}}', '[null]', '{"": 1}', '"\\u0000"', '"\\ud800"', '"\\e[31m"'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '*a',
    '&a x',
    '<<',
    '!!binary aGk=',
    '!!set {a}',
    '!x y',
    '|',
    '>-',
  ],
  ...[
    '../../etc/passwd',
    '/dev/zero',
    's3://b/**',
    'file:x',
    '$' + '{HOME}',
    '$' + '{NONE:-x}',
    '**/*',
    'a\u202eb',
  ],
  ...['n - o > 0.02 +/- 0.01', 'mean:x', 'latest', 'champion', 'version:v1.0.0', '::error::x', '<b>', '`|`'],
];

const KEYS = [
  '__proto__',
  'constructor',
  'value',
  'metric',
  'min',
  'slices',
  '',
  ' ',
  'a.b',
  '<<',
  '? x',
  '"',
  'é',
];

/** A text with one to four faults in it: of its bytes, its lines, its keys and its values. */
export function mutateText(text: string, random: Random): string {
  let changed = text;
  for (let times = 1 + random.below(4); times > 0; times--) changed = random.pick(CHANGES)(changed, random);
  return changed;
}

type Change = (text: string, random: Random) => string;

const splice = (text: string, at: number, length: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + length);

function onLines(change: (lines: string[], random: Random) => void): Change {
  return (text, random) => {
    const lines = text.split('\n');
    change(lines, random);
    return lines.join('\n');
  };
}

/** Replaces one of the places that a pattern finds. */
function onMatch(pattern: RegExp, put: (random: Random, found: string) => string): Change {
  return (text, random) => {
    const found = [...text.matchAll(pattern)];
    if (found.length === 0) return text;
    const { index, 0: match } = random.pick(found);
    return splice(text, index, match.length, put(random, match));
  };
}

const value: Change = onMatch(/(?<=[:,[]\s*)[^\s,:{}[\]"][^,\n{}[\]"]*/g, (random) => random.pick(SCALARS));

const CHANGES: readonly Change[] = [
  value,
  value,
  value,
  onMatch(/[A-Za-z][\w-]*(?="?:)/g, (random) => random.pick(KEYS)),
  onMatch(/-?\d+(?:\.\d+)?/g, (random) => random.pick(SCALARS)),
  onMatch(/-?\d+(?:\.\d+)?/g, (random, found) =>
    String(Number(found) * random.pick([0, -1, 1e6, 1e-9, 1e308])),
  ),
  onLines((lines, random) => lines.splice(random.below(lines.length), 1 + random.below(3))),
  onLines((lines, random) => {
    lines.splice(random.below(lines.length), 0, random.pick(lines));
  }),
  onLines((lines, random) => {
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    [lines[a], lines[b]] = [lines[b] as string, lines[a] as string];
  }),
  onLines((lines, random) => {
    const at = random.below(lines.length);
    lines[at] = `${' '.repeat(random.below(6))}${(lines[at] as string).trimStart()}`;
  }),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => splice(text, random.below(text.length + 1), random.below(8), ''),
  (text, random) =>
    splice(
      text,
      random.below(text.length + 1),
      0,
      random.pick(['\0', '\r', '\t', '"', "'", '{', '[', ',', ':', '\u2028', '\ufeff', '#']),
    ),
  (text, random) =>
    splice(text, random.below(text.length + 1), 0, String.fromCharCode(random.below(0x10000))),
  (text, random) => text.replaceAll('\n', random.pick(['\r\n', '\r', '\n\n', ' '])),
  (text, random) =>
    splice(text, random.below(text.length + 1), 0, random.pick(['x', '[', '9', '\n']).repeat(2000)),
];

/** JSON in which some values are others: the shape of a valid answer, with something else in it. */
export function mutateJson(json: unknown, random: Random): unknown {
  if (random.once(8)) return anyJson(random);
  if (Array.isArray(json)) {
    const items = json.map((item) => mutateJson(item, random));
    return random.once(6) ? [...items, ...items, anyJson(random)] : items;
  }
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).filter(() => !random.once(12));
  return Object.fromEntries(entries.map(([key, item]) => [key, mutateJson(item, random)]));
}

/** Anything that JSON can hold, by fast-check. */
export function anyJson(random: Random): unknown {
  const options = { seed: random.below(2 ** 31), numRuns: 1 };
  return JSON.parse(fc.sample(fc.json({ maxDepth: 3, noUnicodeString: false }), options)[0] as string);
}

/** Bytes of which some are others. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let times = 1 + random.below(8); times > 0 && changed.length > 0; times--) {
    changed[random.below(changed.length)] = random.below(256);
  }
  return random.once(5) ? changed.subarray(0, random.below(changed.length + 1)) : changed;
}
