import { describe, expect, test } from '@jest/globals';
import { ForgeRefusal, ForgeUnavailable } from '../forge/api.ts';
import { whyInstead, whyNotShown, type Attempt } from './not-shown.ts';

const attempt: Attempt = {
  what: 'write the comment',
  server: 'https://github.example:8443',
  fork: false,
  instead: undefined,
  cancelled: false,
};
const personal = { kind: 'personal-token' } as const;
const noCheckRuns = { kind: 'no-check-runs', version: '1.22' } as const;

describe('why something is not shown', () => {
  test.each([
    ['a token that is not accepted', new ForgeRefusal(401, 'x'), {}, 'does not accept the token'],
    ['a token of a fork', new ForgeRefusal(403, 'x'), { fork: true }, 'Nothing needs to be changed.'],
    ['a missing permission', new ForgeRefusal(403, 'x'), {}, 'checks: write\n  pull-requests: write'],
    ['a forge without check runs', new ForgeRefusal(404, 'x'), { instead: noCheckRuns }, 'issues: write'],
    ["a person's token", new ForgeRefusal(403, 'x'), { instead: personal }, "'Commit statuses'"],
    [
      'another refusal',
      new ForgeRefusal(422, 'no such commit'),
      {},
      'refused to write the comment: no such commit.',
    ],
    ['silence', new ForgeUnavailable('no answer'), {}, 'could not write the comment: no answer.'],
    ['a cancelled step', new ForgeUnavailable('no answer'), { cancelled: true }, 'The step was cancelled'],
  ])('%s', (_what, error, circumstances, said) => {
    expect(whyNotShown(error, { ...attempt, ...circumstances })).toContain(said);
  });

  test('names the host that was asked, where it is known', () => {
    const error = new ForgeUnavailable('no answer');
    expect(whyNotShown(error, attempt)).toMatch(/^github\.example:8443 could not/);
    expect(whyNotShown(error, { ...attempt, server: undefined })).toMatch(/^The forge could not/);
  });
});

test('why the verdict is a commit status', () => {
  expect(whyInstead(noCheckRuns, 'Gate')).toContain(
    "(version 1.22) has no check runs, so the verdict is the commit status 'Gate'",
  );
  expect(whyInstead(personal, 'Gate')).toContain('The token belongs to a person');
});
