import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Book, at, hex } from '@sluice/testing/book.ts';
import { provenanceStatement, type Statement } from '../evidence/statement.ts';
import { planRegistration } from '../ledger/registration.ts';
import { lineageSection } from './lineage-section.ts';
import { lineage, madeFrom, type Lineage } from './lineage.ts';

const COMMIT = 'c'.repeat(40);

/** What train writes about version number `n`. */
function training(n: number, files = 1): Statement {
  const file = (name: string, role: string) => ({ name, digest: { sha256: hex(n) }, annotations: { role } });
  return provenanceStatement([{ name: 'model:m', sha256: hex(n) }], {
    buildDefinition: {
      buildType: 'https://example.com/train',
      externalParameters: { params: { 'params.yaml': { depth: n, tree: { rate: 0.1 } } } },
      internalParameters: { platform: 'linux-x64', python: '3.12.3', dirty: n === 2 },
      resolvedDependencies: [
        { name: 'checkout', digest: { gitCommit: COMMIT } },
        { name: 'sources', digest: { sha256: hex(0) } },
        ...Array.from({ length: files }, (_, i) => file(`data/${String(i).padStart(3, '0')}.csv`, 'data')),
        file('params.yaml', 'parameters'),
        file('requirements.txt', 'environment'),
        file('dvc.lock', 'lock'),
      ],
    },
    runDetails: { builder: { id: 'test' } },
  });
}

/** Registers version number `n` as register-model does. */
function register(book: Book, n: number, passport: readonly Statement[] = [training(n)]): void {
  book.apply(
    planRegistration(
      book.state(),
      {
        commit: `commit ${n}`,
        modelDigest: hex(n),
        passportDigest: hex(0),
        store: 'dir:/s',
        metrics: { auc: Number(`0.${n}`) },
        testSet: `sha256:${hex(n)} md5:${'d'.repeat(32)}`,
        madeFrom: madeFrom(passport, hex(n)),
        actor: n % 2 === 0 ? 'ada' : 'grace',
        run: `https://example.com/runs/${n}`,
        sluiceVersion: '0',
        version: { bump: 'major' },
      },
      at(n * 100),
    ),
  );
}
const of = (book: Book, n: number, passport?: readonly Statement[]): Lineage =>
  lineage(book.state(), `v${n}.0.0`, passport) as Lineage;

describe('the lineage of a version', () => {
  test('is answered for each of fifty, with the passport and from the tag alone', () => {
    const book = new Book();
    for (let n = 1; n <= 50; n++) {
      register(book, n);
      book.assign(`v${n}.0.0`, { actor: 'ada', reason: `better ${n}`, run: `run ${n}` }, at(n * 100 + 50));
    }
    const state = book.state();
    for (let n = 1; n <= 50; n++) {
      const expected: Lineage = {
        model: 'm',
        version: `v${n}.0.0`,
        tag: `m@v${n}.0.0`,
        registered: {
          at: at(n * 100),
          by: n % 2 === 0 ? 'ada' : 'grace',
          run: `https://example.com/runs/${n}`,
        },
        code: n === 2 ? `${COMMIT} with uncommitted changes` : COMMIT,
        data: { 'data/000.csv': `sha256:${hex(n)}` },
        parameters: { depth: String(n), 'tree.rate': '0.1' },
        environment: {
          'requirements.txt': `sha256:${hex(n)}`,
          'dvc.lock': `sha256:${hex(n)}`,
          python: '3.12.3',
          platform: 'linux-x64',
        },
        metrics: { auc: Number(`0.${n}`) },
        testSet: `sha256:${hex(n)} md5:${'d'.repeat(32)}`,
        leftOut: {},
        deployments: [
          {
            environment: 'prod',
            began: { at: at(n * 100 + 50), by: 'ada', reason: `better ${n}`, run: `run ${n}` },
            running: n === 50,
            ...(n === 50
              ? {}
              : {
                  ended: { at: at(n * 100 + 150), by: 'ada', reason: `better ${n + 1}`, run: `run ${n + 1}` },
                }),
          },
        ],
      };
      expect(lineage(state, `v${n}.0.0`, [training(n)])).toEqual(expected);
      expect(lineage(state, `v${n}.0.0`)).toEqual(expected);
    }
    expect(lineage(state, 'v51.0.0')).toBeUndefined();
  });

  test('of a tag that does not say is not recorded, and never made up', () => {
    const book = new Book();
    book.tags.push({ name: 'm@v1.0.0', commit: 'a', time: at(0), tagger: 'Ada', message: 'By gto.\n' });
    expect(of(book, 1)).toEqual({
      model: 'm',
      version: 'v1.0.0',
      tag: 'm@v1.0.0',
      registered: { at: at(0) },
      metrics: {},
      leftOut: {},
      deployments: [],
    });
    register(book, 2, []);
    expect(of(book, 2)).toMatchObject({ code: undefined, data: undefined, parameters: undefined });
    expect(of(book, 2, [training(7)]).data).toBeUndefined();
  });

  test('keeps the tag small: twenty entries, the passport has them all', () => {
    const book = new Book();
    register(book, 1, [training(1, 300)]);
    expect(Object.keys(of(book, 1).data ?? {})).toHaveLength(20);
    expect(Object.keys(of(book, 1, [training(1, 300)]).data ?? {})).toHaveLength(300);
    expect(book.tags[0]?.message.length).toBeLessThan(4000);
    expect(book.tags[0]?.message).toContain('\nLeft-Out: {"Data":280}\n');
    expect(of(book, 1).leftOut).toEqual({ Data: 280 });
    expect(of(book, 1, [training(1, 300)]).leftOut).toEqual({});
    expect(lineageSection(of(book, 1)).markdown).toContain(' and 290 more');
    expect(lineageSection(of(book, 1, [training(1, 300)])).markdown).toContain(' and 290 more');
  });

  test('tells a rollback and its return, a hold that changes nothing, and a deregistration', () => {
    const book = new Book();
    for (let n = 1; n <= 2; n++) {
      register(book, n);
      book.assign(`v${n}.0.0`, {}, at(n * 100 + 50));
    }
    book.rollback({ reason: 'bad', actor: 'ada', hold: true }, at(300));
    book.rollback({ to: 'v1.0.0', hold: true }, at(310));
    const stays = (n: number) =>
      of(book, n).deployments.map(({ began, ended, running }) => [
        (began.at.getTime() - at(0).getTime()) / 1000,
        ended === undefined ? undefined : (ended.at.getTime() - at(0).getTime()) / 1000,
        running,
      ]);
    expect(stays(2)).toEqual([[250, 300, false]]);
    expect(of(book, 2).deployments[0]?.ended).toMatchObject({ reason: 'bad', by: 'ada' });
    expect(stays(1)).toEqual([
      [150, 250, false],
      [300, undefined, true],
    ]);
    book.tags.push({ name: 'm@v1.0.0!', commit: 'commit 1', time: at(400), tagger: '', message: '' });
    expect(stays(1).at(-1)).toEqual([300, undefined, false]);
  });

  test('says of exactly the live version that it runs, after any history', () => {
    const step = fc.tuple(
      fc.constantFrom('assign', 'unassign', 'quarantine', 'rollback'),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const book = new Book();
        for (let n = 1; n <= 4; n++) register(book, n);
        for (const [what, n] of steps) {
          if (what === 'assign') book.assign(`v${n}.0.0`);
          else if (what === 'rollback') book.rollback();
          else book.unassign(`v${n}.0.0`, what === 'quarantine');
        }
        const running = [1, 2, 3, 4].filter((n) => of(book, n).deployments.some((d) => d.running));
        expect(running.map((n) => `v${n}.0.0`)).toEqual([book.live()].filter((v) => v !== undefined));
      }),
    );
  });
});
