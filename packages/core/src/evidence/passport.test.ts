import { describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 } from '../digest/files.ts';
import { buildPassport, checkEvidence, parsePassport, readStatements, relations } from './passport.ts';
import {
  parseStatement,
  provenanceStatement,
  testResultStatement,
  writeStatement,
  writerIn,
  type Statement,
} from './statement.ts';

const MODEL = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const DATA = 'd'.repeat(64);
const MORE_DATA = 'e'.repeat(64);

const m = (digest: string) => ({ name: 'm', digest });

type Verdict = 'PASSED' | 'WARNED' | 'FAILED';
const gate = (digest: string, result: Verdict = 'PASSED'): Statement =>
  testResultStatement([{ name: 'model:m', sha256: digest }], {
    result,
    configuration: [],
    failedTests: result === 'FAILED' ? ['auc'] : [],
  });
const data = (digest: string, result: Verdict = 'PASSED'): Statement =>
  testResultStatement([{ name: 'data/train.csv', sha256: digest }], {
    result,
    configuration: [],
    failedTests: result === 'FAILED' ? ['unique-id'] : [],
  });
const training = (digest: string, ...inputs: string[]): Statement =>
  provenanceStatement([{ name: 'model:m', sha256: digest }], {
    buildDefinition: {
      buildType: 'https://example.com/train',
      externalParameters: {},
      resolvedDependencies: [
        { uri: 'git+https://example.com/repo', digest: { gitCommit: 'c'.repeat(40) } },
        ...inputs.map((i) => ({ digest: { sha256: i } })),
      ],
    },
    runDetails: { builder: { id: 'test' } },
  });

describe('a passport', () => {
  test('holds the statements about the model and the data that went in, and no other', () => {
    const statements = [
      data(DATA),
      data(MORE_DATA),
      training(MODEL, DATA),
      training(OTHER, MORE_DATA),
      gate(MODEL),
      gate(OTHER),
    ];
    expect([...relations(statements, MODEL).values()]).toEqual([
      'inputs',
      'other',
      'model',
      'other',
      'model',
      'other',
    ]);
    const passport = buildPassport(statements, MODEL);
    expect(parsePassport(passport.text)).toEqual([statements[0], statements[2], statements[4]]);
    expect(passport.sha256).toBe(sha256(passport.text));
  });

  test('vouches for a model after it was written and read', () => {
    const { text } = buildPassport([data(DATA), training(MODEL, DATA), gate(MODEL)], MODEL);
    expect(checkEvidence(parsePassport(text), m(MODEL))).toBeUndefined();
    expect(checkEvidence(parsePassport(text), m(OTHER))?.kind).toBe('mismatch');
  });

  test('names the line that is no statement', () => {
    const { text } = buildPassport([gate(MODEL)], MODEL);
    expect(() => parsePassport(`${text}{}\n`)).toThrow('passport line 2');
  });
});

describe('evidence', () => {
  test.each<[string, Statement[], string | undefined]>([
    ['nothing at all', [], 'missing'],
    ['a training without a gate', [training(MODEL, DATA)], 'missing'],
    ['data that passed, without a gate', [data(DATA)], 'missing'],
    ['a gate of other bytes', [gate(OTHER)], 'mismatch'],
    ['a gate that failed', [gate(MODEL, 'FAILED')], 'failed'],
    ['two gates, one failed', [gate(MODEL), gate(MODEL, 'FAILED')], 'failed'],
    ['a gate that warned', [gate(MODEL, 'WARNED')], undefined],
    ['a failed gate of other bytes beside a good one', [gate(OTHER, 'FAILED'), gate(MODEL)], undefined],
    ['failed data that went in', [data(DATA, 'FAILED'), training(MODEL, DATA), gate(MODEL)], 'failed'],
    [
      'failed data that did not go in',
      [data(MORE_DATA, 'FAILED'), training(MODEL, DATA), gate(MODEL)],
      undefined,
    ],
    ['failed data, and nobody knows what went in', [data(DATA, 'FAILED'), gate(MODEL)], 'failed'],
    [
      'failed data of a model whose training is another',
      [data(DATA, 'FAILED'), training(OTHER, MORE_DATA), gate(MODEL)],
      'failed',
    ],
  ])('of %s', (_what, statements, kind) => {
    expect(checkEvidence(statements, m(MODEL))?.kind).toBe(kind);
  });

  test('about another model with the same bytes does not count: other rules judged it', () => {
    expect(checkEvidence([gate(MODEL)], { name: 'n', digest: MODEL })?.kind).toBe('mismatch');
  });

  test('that failed names the rules', () => {
    expect(checkEvidence([gate(MODEL, 'FAILED')], m(MODEL))?.message).toContain('auc');
    expect(checkEvidence([data(DATA, 'FAILED'), gate(MODEL)], m(MODEL))?.message).toContain('unique-id');
  });
});

const BY = { commit: 'c'.repeat(40), run: 'https://forge.example/acme/m/actions/runs/1/attempts/1' };

describe('statements', () => {
  test('are written one a file and read back in name order', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-evidence-'));
    try {
      expect(await readStatements(folder, path.join(folder, 'absent'))).toEqual([]);
      await writeStatement(folder, '.', 'train', training(MODEL, DATA), BY);
      await writeStatement(folder, '.', 'evaluate-gate', gate(OTHER), BY);
      await writeStatement(folder, '.', 'evaluate-gate', gate(MODEL), BY);
      await writeFile(path.join(folder, 'notes.txt'), 'not a statement');
      const read = await readStatements(folder, folder);
      expect(read).toMatchObject([gate(MODEL), training(MODEL, DATA)]);
      expect(read.map(writerIn)).toEqual([BY, BY]);
      await writeFile(path.join(folder, 'validate-data.json'), '');
      await expect(readStatements(folder, folder)).rejects.toThrow('validate-data.json');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['no type', {}],
    ['no subject', { ...gate(MODEL), subject: [] }],
    [
      'a digest that is no hex',
      { ...gate(MODEL), subject: [{ name: 'model:m', digest: { sha256: 'XYZ' } }] },
    ],
    ['another predicate', { ...gate(MODEL), predicateType: 'https://example.com/other' }],
    ['an unknown result', { ...gate(MODEL), predicate: { result: 'MAYBE', configuration: [] } }],
  ])('with %s are refused', (_what, statement) => {
    expect(() => parseStatement(JSON.stringify(statement))).toThrow('not an in-toto statement');
  });
});
