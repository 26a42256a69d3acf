import { describe, expect, test } from '@jest/globals';
import type { Assignment, ModelState } from '@sluice/core/ledger/state.ts';
import type { LiveState } from '@sluice/core/serving/target.ts';
import { subjectOf } from './subject.ts';

const runOf = (id: number, attempt = 1): string =>
  `https://forge.example/acme/flights/actions/runs/${id}/attempts/${attempt}`;
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

/** An environment by what was written about it: minute, version and run. */
function ledgerOf(
  ...events: readonly [minute: number, version: string, run: number, more?: object][]
): ModelState {
  const history = events.map(([minute, version, run, more = {}]): Assignment => ({
    kind: 'assignment',
    version,
    at: at(minute),
    tag: `m#production#${minute}`,
    commit: version,
    trailers: new Map(Object.entries({ Run: runOf(run), ...more })),
  }));
  const last = history.at(-1);
  const live = last && { version: last.version, since: last.at, tag: last.tag };
  const environment = { history, quarantined: new Set<string>(), ...(live === undefined ? {} : { live }) };
  return {
    model: 'm',
    versions: [],
    environments: new Map([['production', environment]]),
  } as unknown as ModelState;
}

const serving = (version: string): LiveState =>
  ({ intended: [{ version, weight: 100 }], answer: { kind: 'version', version } }) as unknown as LiveState;
const environment = 'production';
const subject = (state: ModelState, version: string, run: string, created?: Date, to?: string): object =>
  subjectOf(state, { environment, ...(to === undefined ? {} : { to }) }, serving(version), run, created);

describe('a rollback leaves what was live when its run was created', () => {
  const state = ledgerOf([1, 'v1.0.0', 10], [2, 'v2.0.0', 20], [9, 'v3.0.0', 30]);

  test('and not what a run that was created later brought in, which the numbers of the runs tell', () => {
    expect(subject(state, 'v3.0.0', runOf(25))).toMatchObject({
      kind: 'replaced',
      by: { version: 'v3.0.0' },
    });
    expect(subject(state, 'v3.0.0', runOf(31))).toEqual({ kind: 'live' });
    expect(subject(state, 'v3.0.0', runOf(30))).toEqual({ kind: 'live' });
  });

  test('nor what came after it by a run that was created before, which only the forge can tell', () => {
    expect(subject(state, 'v3.0.0', runOf(31, 2), at(5))).toMatchObject({ kind: 'replaced' });
    expect(subject(state, 'v3.0.0', runOf(31, 2), at(9))).toEqual({ kind: 'live' });
  });

  test('also where that was written again since', () => {
    const again = ledgerOf([2, 'v2.0.0', 20], [9, 'v2.0.0', 40, { Hold: 'true' }]);
    expect(subject(again, 'v2.0.0', runOf(25), at(5))).toEqual({ kind: 'live' });
  });

  test('and one that names where to go goes there', () => {
    expect(subject(state, 'v3.0.0', runOf(25), at(5), 'v1.0.0')).toEqual({ kind: 'live' });
  });

  test('and what put back a deployment that was not recorded was a rollback', () => {
    const back = ledgerOf([2, 'v2.0.0', 20], [9, 'v2.0.0', 40, { 'Put-Back': 'v3.0.0' }]);
    expect(subject(back, 'v2.0.0', runOf(40, 2))).toMatchObject({ kind: 'done', by: { at: at(9) } });
    expect(subject(back, 'v2.0.0', runOf(41))).toEqual({ kind: 'live' });
  });
});
