import { expect, test } from '@jest/globals';
import { modelSubjects } from '@sluice/core/evidence/passport.ts';
import { PROVENANCE, type Statement } from '@sluice/core/evidence/statement.ts';
import { lackOf } from './carried.ts';

const DIGEST = 'a'.repeat(64);

/** As train leaves it. */
function made(name: string, sha256: string): Statement {
  const subject = modelSubjects(name, { sha256, signingRoot: 'f'.repeat(64) });
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: PROVENANCE,
    subject: subject.map((one) => ({ name: one.name, digest: { sha256: one.sha256 } })),
    predicate: {
      buildDefinition: { buildType: 't', externalParameters: {}, resolvedDependencies: [] },
      runDetails: { builder: { id: 'b' } },
    },
  };
}

test('nothing lacks where the evidence is about the model that is judged', () => {
  expect(lackOf([made('other', 'b'.repeat(64)), made('flights', DIGEST)], 'flights', DIGEST)).toBeUndefined();
});

test.each<[string, readonly Statement[], RegExp]>([
  ['was lost on the way', [], /include-hidden-files: true/],
  [
    'is about another model',
    [made('hotels', 'b'.repeat(64))],
    /about hotels and not about flights\. .*working-directory/,
  ],
  ['is about other bytes', [made('flights', 'b'.repeat(64))], /about other bytes than those of flights/],
])('it is said that the evidence %s', (_, statements, said) => {
  expect(lackOf(statements, 'flights', DIGEST)).toMatch(said);
});
