import { expect, test } from '@jest/globals';
import {
  acknowledgementEntry,
  acknowledgementNote,
  whyLabelIsVoid,
  whyPermissionIsShort,
  type Acknowledgement,
} from './acknowledgement.ts';

const at = new Date('2026-01-02T03:04:05Z');
const shown = { digest: 'aa', shown: new Date('2026-01-02T03:04:04Z') };
const labelling = { login: 'ada', isApp: false, at };

test.each([
  ['set after the numbers were shown', { labelling, shown }, ''],
  [
    'set within the same second',
    { labelling, shown: { ...shown, shown: at } },
    'before these numbers were shown (2026-01-02 03:04 UTC)',
  ],
  ['set for other numbers', { labelling, shown: { ...shown, digest: 'bb' } }, 'for other numbers'],
  ['set before any numbers', { labelling, shown: undefined }, 'before any failing numbers'],
  ['set by an app', { labelling: { ...labelling, isApp: true }, shown }, 'which is an app'],
  ['set by nobody knows whom', { labelling: undefined, shown }, 'nobody can tell who set it'],
])('a label that was %s', (_what, known, said) => {
  const why = whyLabelIsVoid({ label: 'ok', digest: 'aa', ...known });
  expect((why ?? '').includes(said)).toBe(true);
  expect(why === undefined).toBe(said === '');
});

test.each([
  ['admin', ''],
  ['write', ''],
  ['read', "has the permission 'read'"],
  ['none', "has the permission 'none'"],
  ['', "has the permission ''"],
  [undefined, 'not known any more'],
])('the permission %s', (permission, said) => {
  const why = whyPermissionIsShort('ok', 'ada', permission);
  expect((why ?? '').includes(said)).toBe(true);
  expect(why === undefined).toBe(said === '');
});

const acknowledged: Acknowledgement = {
  kind: 'acknowledged',
  by: 'ada',
  at,
  label: 'ok',
  numbers: 'aa',
  pull: 7,
};

test.each<[Acknowledgement, string]>([
  [acknowledged, 'accepted by ada on 2026-01-02 03:04 UTC with the label ok on pull request 7'],
  [{ kind: 'refused', why: 'An app set it.' }, 'An app set it.'],
  [{ kind: 'open', label: 'ok' }, 'set the label ok and run this job again'],
  [
    { kind: 'open', label: 'ok', landingPull: 7 },
    'set the label ok on pull request 7 and run this job again',
  ],
])('the report says of %j what it means', (acknowledgement, said) => {
  expect(acknowledgementNote(acknowledgement)).toEqual([expect.stringContaining(said)]);
});

test('the result names who acknowledged what, and only that', () => {
  expect(acknowledgementEntry(acknowledged)).toEqual({
    by: 'ada',
    at: at.toISOString(),
    label: 'ok',
    numbers: 'aa',
    'pull-request': 7,
  });
  expect(acknowledgementEntry({ kind: 'open', label: 'ok' })).toBeNull();
  expect(acknowledgementEntry(undefined)).toBeNull();
  expect(acknowledgementNote(undefined)).toEqual([]);
});
