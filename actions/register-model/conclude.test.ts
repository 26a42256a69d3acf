import { describe, expect, test } from '@jest/globals';
import { buildPassport } from '@sluice/core/evidence/passport.ts';
import { testResultStatement } from '@sluice/core/evidence/statement.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { RegistrySettings } from '@sluice/core/registry/registry.ts';
import { directoryStore } from '@sluice/core/store/directory/store.ts';
import { Book, at, hex } from '@sluice/testing/book.ts';
import { summaryOf } from '@sluice/testing/summary.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { alreadyRegistered, dryRun, registered } from './conclude.ts';
import type { Registration } from './registration.ts';

const MODEL = hex(1);
const GATE = testResultStatement([{ name: 'model:m', sha256: MODEL }], {
  result: 'PASSED',
  configuration: [],
});
const PASSPORT = buildPassport([GATE], MODEL);

const WISH: RegisterWish = {
  commit: 'c'.repeat(40),
  modelDigest: MODEL,
  passportDigest: PASSPORT.sha256,
  store: 'dir:/s',
  sluiceVersion: '0',
  version: { bump: 'major' },
};

interface Given {
  readonly type?: RegistrySettings['type'];
  readonly attest?: boolean;
  readonly leftOut?: readonly string[];
  readonly found?: Partial<Registration>;
}

function registration({ type = 'git', attest = false, leftOut = [], found = {} }: Given = {}): Registration {
  return {
    settings: {
      model: 'm',
      modelPath: '/checkout/model.json',
      evidencePath: '/checkout/.sluice/evidence',
      policy: { requireData: false, requireSignature: false },
      attest,
      card: {},
      store: { uri: 'dir:/s', base: '/checkout' },
      encryption: undefined,
      registry: { type, stores: [], site: { trackingUri: undefined, experiment: 'm', name: 'm' } },
      base: '/checkout',
      version: { bump: 'major' },
      dryRun: false,
    },
    store: directoryStore('/s', { log: silentLog }),
    digest: {
      sha256: MODEL,
      signingRoot: hex(3),
      kind: 'file',
      bytes: 1,
      files: [{ path: 'model.json', bytes: 1, sha256: hex(2) }],
    },
    evidence: {
      passport: PASSPORT,
      rows: [{ action: 'evaluate-gate', verdict: 'passed', about: 'model' }],
      bound: { record: new Set(), predictions: new Set(), metrics: new Set() },
    },
    findings: {
      files: new Map(),
      metrics: { auc: 0.75 },
      metricsDigest: hex(3),
      testSet: {},
      predictions: undefined,
      golden: undefined,
      leftOut,
    },
    wish: WISH,
    loader: { facts: undefined, additions: new Map() },
    ...found,
  };
}

/** The plan for the wish in a book, and the book after it. */
function planned(book = new Book()): {
  readonly plan: Extract<Plan, { kind: 'write' }>;
  readonly book: Book;
} {
  const plan = planRegistration(book.state(), WISH, at(0));
  if (plan.kind !== 'write') throw new Error(`the book would not take it: ${plan.kind}`);
  book.apply(plan);
  return { plan, book };
}

describe('a version that was written', () => {
  test('is told in outputs, result and summary', () => {
    const { plan, book } = planned();
    const outcome = registered(registration(), book.state(), plan, {});
    expect(outcome).toMatchObject({
      decision: 'pass',
      reasonCode: 'ok',
      message: 'm v1.0.0 is registered.',
      outputs: { version: 'v1.0.0', tag: 'm@v1.0.0', created: true, uri: `dir:/s/m/sha256/${MODEL}` },
      result: { 'passport-digest': PASSPORT.sha256, metrics: { auc: 0.75 } },
    });
    expect(outcome.result).not.toHaveProperty('mlflow');
    expect(summaryOf(outcome)).toMatch(
      /^### `m` `v1\.0\.0` is registered\n\n- \*\*Tag\*\*: `m@v1\.0\.0` at commit/,
    );
    expect(summaryOf(outcome)).toContain('Lineage of m v1.0.0');
  });

  test('is a warning where metrics were left out, which are named', () => {
    const { plan, book } = planned();
    const leftOut = ["Metric 'loss' is NaN."];
    expect(registered(registration({ leftOut }), book.state(), plan, {})).toMatchObject({
      decision: 'warn',
      reasonCode: 'metrics-left-out',
      message: "m v1.0.0 is registered. Not stored with it: Metric 'loss' is NaN.",
    });
  });

  test('says what its registry shows, and is a warning where that is behind', () => {
    const { plan, book } = planned();
    const mlflow = {
      'experiment-id': '1',
      'run-id': 'r',
      'model-id': 'm-1',
      version: '1',
      uri: 'u',
      page: 'p',
    };
    const shown = { entry: { mlflow }, rows: [['MLflow', 'it is there']] as const };
    const outcome = registered(registration({ type: 'mlflow' }), book.state(), plan, shown);
    expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok', result: { mlflow } });
    expect(summaryOf(outcome)).toContain('- **MLflow**: it is there');
    expect(
      registered(registration({ type: 'mlflow' }), book.state(), plan, { behind: 'It is not there.' }),
    ).toMatchObject({
      decision: 'warn',
      reasonCode: 'registry-behind',
      message: 'm v1.0.0 is registered. It is not there.',
    });
  });

  test.each([
    [1000, 1000],
    [1001, 0],
  ])('names the versions of %p objects: %p of them', (count, named) => {
    const { plan, book } = planned();
    const versionIds = new Map(Array.from({ length: count }, (_, i) => [`key ${i}`, `${i}`]));
    const { result } = registered(registration({ found: { versionIds } }), book.state(), plan, {});
    expect(Object.keys(result['version-ids'] ?? {})).toHaveLength(named);
  });

  test('names the page and the log entry of a signature that this run made', () => {
    const { plan, book } = planned();
    const signed = { text: '{}', sha256: hex(4), page: 'https://example.com/a/1', logIndex: '7' };
    const found = { signed, wish: { ...WISH, attestationDigest: hex(4) } };
    const outcome = registered(registration({ found }), book.state(), plan, {});
    expect(outcome.result['attestation']).toEqual({ digest: hex(4), page: signed.page, 'log-index': '7' });
    expect(summaryOf(outcome)).toMatch(/filed at https:.*example\.com\/a\/1/);
  });
});

describe('bytes that have a version', () => {
  const again = (given: Given) => {
    const { book } = planned();
    const plan = planRegistration(book.state(), WISH, at(1));
    if (plan.kind !== 'nothing') throw new Error(`the book would take it again: ${plan.kind}`);
    return alreadyRegistered(registration(given), book.state(), plan, {});
  };

  test('keep it', () => {
    expect(again({})).toMatchObject({
      decision: 'pass',
      reasonCode: 'already-registered',
      outputs: { version: 'v1.0.0', created: false },
    });
  });

  test('are a warning where they should be signed and are not', () => {
    expect(again({ attest: true })).toMatchObject({
      decision: 'warn',
      reasonCode: 'already-registered',
      message: expect.stringContaining('registered without a signature'),
    });
  });
});

test.each([
  ['git', 'Dry run: m v1.0.0 would be registered. Nothing was written.'],
  [
    'mlflow',
    'Dry run: m v1.0.0 would be registered, or a later version when MLflow has counted further. Nothing was written.',
  ],
] as const)('a dry run with %s shows the tag that it would write', (type, message) => {
  const outcome = dryRun(registration({ type }), planned().plan);
  expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok', message });
  expect(summaryOf(outcome)).toContain(`Model-Digest: sha256:${MODEL}`);
  expect(summaryOf(outcome)).not.toContain('Lineage of');
});
