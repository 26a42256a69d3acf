import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { claimProblem, verificationSummary, type Claim } from './summary.ts';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const claim = fc.record({
  model: fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), digest: hex }),
  passport: hex,
});
const files = (count: number): { path: string; bytes: number; sha256: string }[] =>
  Array.from({ length: count }, (_, index) => ({ path: `f${index}`, bytes: 1, sha256: 'a'.repeat(64) }));

function payloadOf({ model, passport }: Claim, count = 1): Buffer {
  const { subjects, predicateType, predicate } = verificationSummary({
    model,
    files: files(count),
    signingRoot: 'c'.repeat(64),
    passport,
    companions: new Map([['metrics.json', 'b'.repeat(64)]]),
    repository: 'https://github.com/acme/flights',
    at: new Date(0),
  });
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: subjects, predicateType, predicate };
  return Buffer.from(JSON.stringify(statement));
}

test('a summary vouches for its own model and passport, and for no other', () => {
  fc.assert(
    fc.property(claim, claim, (one, other) => {
      expect(claimProblem(payloadOf(one), one)).toBeUndefined();
      const same =
        one.model.name === other.model.name &&
        one.model.digest === other.model.digest &&
        one.passport === other.passport;
      expect(claimProblem(payloadOf(one), other) === undefined).toBe(same);
    }),
  );
});

test('the files of a model are subjects up to a thousand, so that GitHub takes them all', () => {
  const [one] = fc.sample(claim, 1) as [Claim];
  const subjects = (count: number): number =>
    (JSON.parse(payloadOf(one, count).toString()) as { subject: unknown[] }).subject.length;
  expect([subjects(1), subjects(1000), subjects(1001)]).toEqual([5, 1004, 4]);
});

test.each(['', 'null', '[]', '{}', '{"_type":"https://in-toto.io/Statement/v1"}', '\u0000'])(
  'the payload %j is no summary',
  (text) => {
    const [one] = fc.sample(claim, 1) as [Claim];
    expect(claimProblem(Buffer.from(text), one)).toMatch(/not a verification summary/);
  },
);
