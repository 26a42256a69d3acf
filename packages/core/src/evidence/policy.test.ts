import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkPolicy, type EvidencePolicy } from './policy.ts';
import { provenanceStatement, testResultStatement, type RunDetails, type Statement } from './statement.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-05-01T00:00:00Z');
const MODEL = { name: 'm', digest: 'a'.repeat(64) };
const DATA = 'd'.repeat(64);
const MAIN = 'https://github.com/acme/flights/.github/workflows/pipeline.yml@refs/heads/main';
const ANY: EvidencePolicy = { requireData: false, requireSignature: false };

const by = (workflow: string, daysAgo: number): RunDetails => ({
  builder: { id: workflow },
  metadata: { finishedOn: new Date(NOW.getTime() - daysAgo * DAY).toISOString() },
});
const result = { result: 'PASSED', configuration: [] } as const;
const gate = (details?: RunDetails): Statement =>
  testResultStatement([{ name: 'model:m', sha256: MODEL.digest }], {
    ...result,
    configuration: [],
    ...(details === undefined ? {} : { runDetails: details }),
  });
const data = (details?: RunDetails, sha256 = DATA): Statement =>
  testResultStatement([{ name: 'train.csv', sha256 }], {
    ...result,
    configuration: [],
    ...(details === undefined ? {} : { runDetails: details }),
  });
const training = (workflow = MAIN, ...inputs: string[]): Statement =>
  provenanceStatement([{ name: 'model:m', sha256: MODEL.digest }], {
    buildDefinition: {
      buildType: 'b',
      externalParameters: {},
      resolvedDependencies: inputs.map((sha256, i) => ({
        name: `${i}.csv`,
        digest: { sha256 },
        annotations: { role: 'data' },
      })),
    },
    runDetails: by(workflow, 0),
  });
const check = (statements: readonly Statement[], policy: Partial<EvidencePolicy>) =>
  checkPolicy(statements, MODEL, { ...ANY, ...policy }, NOW);

describe('required data', () => {
  test.each<[string, Statement[], RegExp | undefined]>([
    ['tested', [gate(), training(MAIN, DATA), data()], undefined],
    ['not tested', [gate(), training(MAIN, DATA)], /no test is about '0\.csv'/],
    ['tested in part', [gate(), training(MAIN, DATA, 'e'.repeat(64)), data()], /no test is about '1\.csv'/],
    ['nobody knows of', [gate(), data()], /no provenance/],
    ['named nowhere', [gate(), training(MAIN), data()], /no provenance/],
  ])('%s', (_what, statements, says) => {
    expect(check(statements, {})).toBeUndefined();
    const problem = check(statements, { requireData: true });
    expect(problem?.kind).toBe(says === undefined ? undefined : 'missing');
    expect(problem?.message ?? '').toMatch(says ?? /^$/);
  });
});

describe('trusted workflows', () => {
  const file = MAIN.split('@')[0] as string;
  test.each<[string, string[], boolean]>([
    ['the workflow at this ref', [MAIN], true],
    ['the workflow at any ref', [file], true],
    ['the workflow at another ref', [`${file}@refs/heads/dev`], false],
    ['a workflow whose name goes on', [file.slice(0, -1)], false],
    ['another of several', ['https://github.com/acme/other/.github/workflows/x.yml', file], true],
    ['none', [], false],
  ])('%s', (_what, trustedWorkflows, trusted) => {
    const statements = [gate(by(MAIN, 1)), training(), data(by(MAIN, 1))];
    expect(check(statements, { trustedWorkflows })?.kind).toBe(trusted ? undefined : 'mismatch');
  });

  test('are the same under a former name of the repository, and under no name that begins like it', () => {
    const renamed = { from: ['https://github.com/acme/flights'], to: 'https://github.com/acme/planes' };
    const trustedWorkflows = [MAIN.replace('flights', 'planes')];
    expect(check([gate(by(MAIN, 1)), training()], { trustedWorkflows, renamed })).toBeUndefined();
    const alike = MAIN.replace('flights', 'flights-2');
    expect(check([gate(by(alike, 1))], { trustedWorkflows, renamed })?.message).toMatch(
      /former-repositories/,
    );
    expect(check([gate(by(MAIN, 1))], { trustedWorkflows })?.kind).toBe('mismatch');
  });

  test.each<[string, Statement[]]>([
    ['gate', [gate(by('https://github.com/eve/flights/x.yml@main', 1)), gate(by(MAIN, 1))]],
    ['gate that does not say', [gate()]],
    ['training', [gate(by(MAIN, 1)), training('https://example.com/mine')]],
    ['data test', [gate(by(MAIN, 1)), training(MAIN, DATA), data(by('local', 1))]],
  ])('are asked of the %s', (_what, statements) => {
    expect(check(statements, { trustedWorkflows: [MAIN] })?.kind).toBe('mismatch');
  });
});

describe('the longest age', () => {
  test('is what a test may be old, to the millisecond', () => {
    fc.assert(
      fc.property(fc.nat(400 * DAY), fc.integer({ min: 1, max: 400 * DAY }), (age, maxAgeMs) => {
        const problem = check([gate(by(MAIN, age / DAY))], { maxAgeMs });
        expect(problem?.kind).toBe(age > maxAgeMs ? 'failed' : undefined);
      }),
    );
  });

  test('is exceeded where nobody says when', () => {
    expect(check([gate()], { maxAgeMs: DAY })?.message).toContain('does not say when');
    const broken = { builder: { id: MAIN }, metadata: { finishedOn: 'yesterday' } };
    expect(check([gate(broken)], { maxAgeMs: DAY })?.kind).toBe('failed');
  });
});

test('asking for more never lets more through', () => {
  const statement = fc.oneof(
    fc
      .record({ workflow: fc.constantFrom(MAIN, 'local'), age: fc.nat(60) })
      .map((r) => gate(by(r.workflow, r.age))),
    fc
      .record({ workflow: fc.constantFrom(MAIN, 'local'), age: fc.nat(60) })
      .map((r) => data(by(r.workflow, r.age))),
    fc.constantFrom(training(), training(MAIN, DATA), training('local', DATA)),
  );
  const policy = fc.record({
    requireData: fc.boolean(),
    trustedWorkflows: fc.option(fc.constant([MAIN]), { nil: undefined }),
    maxAgeMs: fc.option(fc.constant(30 * DAY), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), policy, policy, (statements, one, more) => {
      const both = {
        requireData: one.requireData || more.requireData,
        trustedWorkflows: one.trustedWorkflows ?? more.trustedWorkflows,
        maxAgeMs: one.maxAgeMs ?? more.maxAgeMs,
      };
      const refused = [one, more].some((p) => check(statements, p) !== undefined);
      expect(check(statements, both) !== undefined).toBe(refused);
    }),
  );
});
