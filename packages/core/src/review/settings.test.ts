import { describe, expect, test } from '@jest/globals';
import { readReviewSettings } from './settings.ts';

test('without inputs and without a section everything has its default', () => {
  expect(readReviewSettings({}, undefined, 'm')).toEqual({
    model: 'm',
    matrixKey: '',
    comment: 'always',
    checkName: 'Sluice: m',
    acknowledgeLabel: 'sluice:accept',
    dryRun: false,
  });
});

describe('the name of the check run', () => {
  test('has the key of the job behind it', () => {
    const section = { 'check-name': 'Gate' };
    expect(readReviewSettings({ 'matrix-key': 'eu' }, section, 'm').checkName).toBe('Sluice: Gate (eu)');
    expect(readReviewSettings({ 'check-name': 'Mine' }, section, 'm').checkName).toBe('Sluice: Mine');
  });
});

test.each([
  ['Sluice: ours', 'Sluice: ours'],
  ['build', 'Sluice: build'],
  ['sluice: build', 'Sluice: sluice: build'],
  [' \nSluice:\tbuild', 'Sluice: build'],
  ['codecov/project', 'Sluice: codecov/project'],
])('%j is no name of another check: %s', (given, name) => {
  expect(readReviewSettings({ 'check-name': given }, undefined, 'm').checkName).toBe(name);
});

describe('the label', () => {
  test.each([
    ['named in the file', { acknowledge: { label: 'ok' } }, 'ok'],
    ['taken away', { acknowledge: false as const }, undefined],
  ])('can be %s', (_how, section, label) => {
    expect(readReviewSettings({}, section, 'm').acknowledgeLabel).toBe(label);
  });
});

describe('when to comment', () => {
  test('is the input, else the file', () => {
    const section = { comment: 'never' as const };
    expect(readReviewSettings({}, section, 'm').comment).toBe('never');
    expect(readReviewSettings({ comment: 'on-change' }, section, 'm').comment).toBe('on-change');
  });

  test('is one of four words', () => {
    expect(() => readReviewSettings({ comment: 'sometimes' }, undefined, 'm')).toThrow(
      "Input 'comment' is 'sometimes'. Allowed: always, on-change, on-failure, never.",
    );
  });
});
