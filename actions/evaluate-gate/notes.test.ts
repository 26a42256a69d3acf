import { describe, expect, test } from '@jest/globals';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import type { MeasuredBaseline } from '@sluice/core/gate/measured-models.ts';
import { notesOf, type NotedFindings } from './notes.ts';

const MODEL = {
  sha256: 'a'.repeat(64),
  signingRoot: 'b'.repeat(64),
  kind: 'file' as const,
  bytes: 1,
  files: [],
};

const DOUBT = { reason: 'unmatched-rows', sentence: 'Rows are missing.' } as const;

const SET_ASIDE = { kind: 'set-aside', message: 'Other rows.' } as const;

function scored(more: Partial<Extract<MeasuredBaseline, { kind: 'present' }>>): MeasuredBaseline {
  return { kind: 'present', sample: { kind: 'absent' }, logged: { kind: 'absent' }, ...more };
}

function foundVersion(modelDigest: string): FoundBaseline {
  const record = {
    version: 'v1.0.0',
    tag: 'm@v1.0.0',
    commit: 'c',
    registeredAt: new Date(0),
    active: true,
    trailers: new Map<string, string>(),
    modelDigest,
  };
  return { kind: 'version', record, source: 'latest', skipped: [] };
}

const findings: NotedFindings = {
  acknowledgement: undefined,
  baseline: { kind: 'none' },
  budget: undefined,
  carried: undefined,
  doubts: [],
  held: undefined,
  found: { kind: 'none', tried: [] },
  subject: { kind: 'none' },
  trust: [],
  verdict: { decision: 'pass', reason: 'ok' },
  candidate: { model: MODEL, predictionsFile: 'predictions.csv' },
  settings: { fromFork: false, baseline: {} },
  testSet: undefined,
};

describe('notes', () => {
  test('are none where the model was measured here', () => {
    expect(notesOf(findings)).toEqual([]);
  });

  test.each<[string, Partial<NotedFindings>, RegExp]>([
    ['without a model', { candidate: {} }, /^Only numbers were judged and no model/],
    ['with given numbers', { candidate: { model: MODEL } }, /^The numbers were given .* taken on trust\.$/],
    [
      'with given predictions',
      { candidate: { model: MODEL, predictions: {} } },
      /^The predictions were given and not made here/,
    ],
    ['from a fork', { settings: { fromFork: true, baseline: {} } }, /^No model is vouched for/],
    ['of another commit', { subject: { kind: 'unknown', why: 'Another commit.' } }, /^Another commit\.$/],
    [
      'of a first version',
      { verdict: { decision: 'pass', reason: 'new-baseline' } },
      /^This is the first version/,
    ],
    ['of a doubt', { doubts: [DOUBT] }, /^Rows are missing\.$/],
    [
      'of what could not be compared',
      { held: { by: ['id'], rows: 2, declared: 2, open: ['No labels.'] } },
      /held against the test set only in part\. No labels\.$/,
    ],
    [
      'of nothing that could be compared',
      { held: { by: [], rows: 2, open: ['No table.'] } },
      /not held against the test set\. No table\.$/,
    ],
    [
      'of a model that is compared with itself',
      { found: foundVersion(MODEL.sha256) },
      /^Candidate and baseline are the same model/,
    ],
    [
      'of a test set that changed alone, with what has to stay',
      { found: foundVersion(MODEL.sha256), baseline: scored({ logged: SET_ASIDE }) },
      /No version is registered for it, so v1\.0\.0 keeps .* until another model is registered\.$/,
    ],
    [
      'of rows that are new to the baseline',
      {
        found: foundVersion('c'),
        baseline: scored({ untested: { kind: 'counted', rows: 600, untested: 420 } }),
      },
      /^v1\.0\.0 was judged by another test set: 420 of today's 600 rows were not in it/,
    ],
    [
      'of a baseline of which nobody knows the rows',
      { found: foundVersion('c'), baseline: scored({ untested: { kind: 'unknown', why: 'no ids' } }) },
      /is not known: no ids\.$/,
    ],
    [
      'of a test set that DVC alone knows again',
      { found: foundVersion('c'), baseline: scored({ isSameByMd5: true }) },
      /known by DVC's MD5 alone\.$/,
    ],
    ['of evidence that was lost', { carried: 'train left no evidence.' }, /^train left no evidence\.$/],
    ['of data in S3', { testSet: { s3: { notes: ['Not pinned.'] } } }, /^Not pinned\.$/],
    [
      'of a baseline whose age nobody knows',
      {
        found: { kind: 'given', source: 'baseline-metrics' },
        settings: { fromFork: false, baseline: { maxAge: { text: '30d', ms: 1 } } },
      },
      /gate\.max-age \(30d\) was not applied/,
    ],
  ])('%s say so', (_, part, note) => {
    expect(notesOf({ ...findings, ...part })).toEqual([expect.stringMatching(note)]);
  });

  test('do not say again what the verdict says, nor that other bytes are the same', () => {
    const verdict = { decision: 'warn', reason: 'unmatched-rows', doubt: DOUBT } as const;
    expect(notesOf({ ...findings, verdict, doubts: [DOUBT] })).toEqual([]);
    expect(notesOf({ ...findings, found: foundVersion('c'.repeat(64)) })).toEqual([]);
  });

  test('tell first what was accepted and what is taken on trust', () => {
    const acknowledgement = { kind: 'refused', why: 'Set for other numbers.' } as const;
    const notes = notesOf({ ...findings, acknowledgement, trust: ['Labels are trusted.'], candidate: {} });
    expect(notes.slice(0, 2)).toEqual(['Set for other numbers.', 'Labels are trusted.']);
  });
});
