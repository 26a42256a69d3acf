import { expect, test } from '@jest/globals';
import { whyLabelIsVoid, whyPermissionIsShort } from './acceptance.ts';

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
