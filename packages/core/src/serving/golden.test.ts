import { describe, expect, test } from '@jest/globals';
import { truncate, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { jsonLines, parseGolden, readGolden, writeGolden } from './golden.ts';

describe('golden predictions', () => {
  test('lines are cases with their line numbers', () => {
    const text =
      '{"input": {"x": 1}, "output": {"p": 0.5}}\n\n{"input": [1], "output": 2, "tolerance": 0.1}\r\n{"input": "?", "status": 400}\n';
    expect(parseGolden(text, 'tests/golden.jsonl')).toEqual([
      {
        file: 'tests/golden.jsonl',
        line: 1,
        input: { x: 1 },
        expects: 'output',
        output: { p: 0.5 },
        tolerance: 1e-6,
      },
      { file: 'tests/golden.jsonl', line: 3, input: [1], expects: 'output', output: 2, tolerance: 0.1 },
      { file: 'tests/golden.jsonl', line: 4, input: '?', expects: 'refusal' },
    ]);
  });

  test('null is an input and an output', () => {
    expect(parseGolden('{"input": null, "output": null}', 'g')).toMatchObject([
      { input: null, output: null },
    ]);
  });

  test.each([
    ['an empty file', '\n \n', /g holds no golden predictions/],
    ['no JSON', '{"input": 1, "output": 2}\nnope', /g:2: not JSON/],
    ['no input', '{"output": 2}', /g:1: "input" is missing/],
    ['neither output nor status', '{"input": 1}', /g:1: exactly one of "output" and "status"/],
    ['both output and status', '{"input": 1, "output": 1, "status": 400}', /exactly one/],
    ['a status that is no refusal', '{"input": 1, "status": 200}', /g:1: "status" is 200/],
    ['a negative tolerance', '{"input": 1, "output": 1, "tolerance": -1}', /g:1: "tolerance" is -1/],
    ['an unknown key', '{"input": 1, "outptu": 1}', /g:1: .*outptu/],
    ['a list', '[1]', /g:1:/],
  ])('%s is refused with its line', (_name, text, message) => {
    expect(() => parseGolden(text, 'g')).toThrow(message);
  });
});

test('a golden file is refused by its size before it is read', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-golden-'));
  const file = path.join(folder, 'g.jsonl');
  await writeFile(file, '{"input": 1, "output": 1}\n');
  expect(await readGolden(file, 'g')).toHaveLength(1);
  // No machine has so much memory, and the file takes no space.
  await truncate(file, 2 ** 41);
  await expect(readGolden(file, 'g')).rejects.toThrow('g has 2199023255552 bytes; at most');
  await rm(folder, { recursive: true });
});

describe('recorded golden predictions', () => {
  test('are read as what was asked and answered', () => {
    const value = fc.jsonValue();
    const tolerance = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), tolerance, (pairs, allowed) => {
        const lines = pairs.map(([input, output]) => ({
          input: JSON.stringify(input),
          output: JSON.stringify(output),
        }));
        const cases = parseGolden(writeGolden(lines, allowed), 'g');
        expect(cases.map((c) => [c.input, c.expects === 'output' ? c.output : undefined])).toEqual(
          JSON.parse(JSON.stringify(pairs)),
        );
        expect(cases[0]).toMatchObject({ tolerance: allowed ?? 1e-6 });
      }),
    );
  });

  test('keep digits that no float has', () => {
    expect(writeGolden([{ input: '{"id": 12345678901234567890}', output: '1.50' }], undefined)).toBe(
      '{"input":{"id": 12345678901234567890},"output":1.50}\n',
    );
  });

  test('come from lines of JSON, of which the first that is none is known', () => {
    expect(jsonLines('1\r\n\n null \n')).toEqual({
      lines: [
        { text: '1', line: 1 },
        { text: 'null', line: 3 },
      ],
    });
    expect(jsonLines('1\n\nNaN\n{').fault).toEqual({ text: 'NaN', line: 3 });
  });
});
