import { describe, expect, test } from '@jest/globals';
import { deriveState } from './derive-state.ts';
import type { LedgerTag, ModelState } from './state.ts';

const START = Date.UTC(2026, 0, 1);

/** `name @second commit`, and trailers after ` | `. */
function tags(...lines: readonly string[]): LedgerTag[] {
  return lines.map((line) => {
    const [head = '', trailers] = line.split(' | ');
    const [name = '', second = '0', commit = ''] = head.split(' ');
    return {
      name,
      ...(commit === 'lightweight' ? {} : { commit }),
      time: new Date(START + Number(second.replace('@', '')) * 1000),
      tagger: 'Ada',
      message: trailers === undefined ? 'Done.\n' : `Done.\n\n${trailers}\n`,
    };
  });
}
const live = (state: ModelState, environment = 'prod'): string | undefined =>
  state.environments.get(environment)?.live?.version;

describe('the state of a model', () => {
  test('has the version whose assignment is the latest as live', () => {
    const state = deriveState(
      'm',
      tags(
        'm@v1.0.0 @1 a',
        'm@v2.0.0 @2 b',
        'm#prod#1 @3 a',
        'm#prod#2 @4 b | Reason: better',
        'm#dev#3 @5 a',
      ),
    );
    expect(state.environments.get('prod')?.live).toEqual({
      version: 'v2.0.0',
      since: new Date(START + 4000),
      tag: 'm#prod#2',
      reason: 'better',
    });
    expect(live(state, 'dev')).toBe('v1.0.0');
    expect(state.problems).toEqual([]);
  });

  test('goes by time, not by counter or by the order of tags', () => {
    const all = tags('m#prod#9 @3 a', 'm#prod#1 @4 b', 'm@v2.0.0 @2 b', 'm@v1.0.0 @1 a');
    expect(live(deriveState('m', all))).toBe('v2.0.0');
    expect(deriveState('m', [...all].reverse())).toEqual(deriveState('m', all));
    expect(deriveState('m', all).lastCounter).toBe(9);
  });

  test('falls back to the assignment before when a version is unassigned or deregistered', () => {
    const base = ['m@v1.0.0 @1 a', 'm@v2.0.0 @2 b', 'm#prod#1 @3 a', 'm#prod#2 @4 b'];
    expect(live(deriveState('m', tags(...base, 'm#prod!#3 @5 b')))).toBe('v1.0.0');
    expect(live(deriveState('m', tags(...base, 'm@v2.0.0! @5 b')))).toBe('v1.0.0');
    expect(live(deriveState('m', tags(...base, 'm#prod!#3 @5 b', 'm#prod!#4 @6 a')))).toBeUndefined();
    expect(live(deriveState('m', tags(...base, 'm@v2.0.0! @5 b', 'm@v2.0.0#7 @6 b')))).toBe('v2.0.0');
  });

  test('lets an unassignment of the same second win', () => {
    expect(live(deriveState('m', tags('m@v1.0.0 @1 a', 'm#prod#1 @2 a', 'm#prod!#2 @2 a')))).toBeUndefined();
  });

  test('of two versions assigned in one second has the one that was registered first, as gto', () => {
    const both = ['m@v2.0.0 @1 b', 'm@v1.0.0 @2 a', 'm#prod#1 @3 b', 'm#prod#2 @3 a'];
    expect(live(deriveState('m', tags(...both)))).toBe('v2.0.0');
    expect(live(deriveState('m', tags(...both, 'm@v2.0.0#9 @5 b')))).toBe('v1.0.0');
    expect(live(deriveState('m', tags(...both, 'm#prod!#3 @3 b')))).toBe('v1.0.0');
  });

  test('keeps a version that is deregistered at another commit, as gto', () => {
    const state = deriveState('m', tags('m@v1.0.0 @1 a', 'm#prod#1 @2 a', 'm@v1.0.0! @3 b'));
    expect(live(state)).toBe('v1.0.0');
    expect(state.problems).toEqual([expect.stringContaining('m@v1.0.0! is not at the commit')]);
  });

  test('lets the name of a deregistered version go to another commit, as gto gives it', () => {
    const state = deriveState(
      'm',
      tags('m@v1.0.0 @1 a', 'm#prod#1 @2 a', 'm@v1.0.0! @3 a', 'm@v1.0.0#2 @4 b', 'm#dev#3 @5 b'),
    );
    expect(state.versions).toMatchObject([{ version: 'v1.0.0', commit: 'b', tag: 'm@v1.0.0#2' }]);
    expect([live(state), live(state, 'dev')]).toEqual([undefined, 'v1.0.0']);
    expect(state.problems).toEqual([]);
  });

  test('has nothing live at a commit whose only version was never registered', () => {
    expect(live(deriveState('m', tags('m@v1.0.0! @1 a', 'm#prod#1 @2 a')))).toBeUndefined();
  });

  test('gives an assignment the version at its commit, registered before or after, else the commit', () => {
    expect(live(deriveState('m', tags('m#prod#1 @1 a', 'm@v1.0.0 @2 a')))).toBe('v1.0.0');
    expect(live(deriveState('m', tags('m#prod#1 @1 a')))).toBe('a');
  });

  test('keeps models apart whose names begin alike', () => {
    const all = tags(
      'a@v1.0.0 @1 x',
      'a-b@v7.0.0 @2 y',
      'a-b#prod#9 @3 y',
      'A@v3.0.0 @4 z',
      'x/a@v4.0.0 @5 z',
      'x=a@v4.0.0 @5 z',
    );
    const state = deriveState('a', all);
    expect(state.versions.map((v) => v.version)).toEqual(['v1.0.0']);
    expect(state.environments.size).toBe(0);
    expect(state.lastCounter).toBe(0);
  });

  test('quarantines until an assignment says that it releases', () => {
    const base = ['m@v1.0.0 @1 a', 'm#prod#1 @2 a', 'm#prod!#2 @3 a | Quarantine: true'];
    const quarantined = (...more: string[]): string[] => [
      ...(deriveState('m', tags(...base, ...more)).environments.get('prod')?.quarantined ?? []),
    ];
    expect(quarantined()).toEqual(['v1.0.0']);
    expect(quarantined('m#prod#3 @4 a')).toEqual(['v1.0.0']);
    expect(quarantined('m#dev#3 @4 a | Release-Quarantine: true')).toEqual(['v1.0.0']);
    expect(quarantined('m#prod#3 @4 a | Release-Quarantine: true')).toEqual([]);
    expect(quarantined('m#prod#3 @4 a | Release-Quarantine: true', 'm#prod!#4 @5 a')).toEqual([]);
  });

  test('is on hold until an assignment says that it releases', () => {
    const base = ['m@v1.0.0 @1 a', 'm#prod#1 @2 a', 'm#prod#2 @3 a | Hold: true\nReason: audit\nActor: ada'];
    const held = (...more: string[]) =>
      deriveState('m', tags(...base, ...more)).environments.get('prod')?.hold;
    const hold = { since: new Date(START + 3000), tag: 'm#prod#2', reason: 'audit', actor: 'ada' };
    expect(held()).toEqual(hold);
    expect(held('m#prod#3 @4 a')).toEqual(hold);
    expect(held('m#dev#3 @4 a | Release-Hold: true')).toEqual(hold);
    expect(held('m#prod#3 @4 a | Release-Hold: true')).toBeUndefined();
    expect(held('m#prod#3 @4 a | Release-Hold: true\nHold: true')?.tag).toBe('m#prod#3');
  });

  test('counts on from the greatest counter that can be counted on from', () => {
    const huge = `m#prod#${'9'.repeat(30)}`;
    expect(deriveState('m', tags(`${huge} @1 a`, 'm#prod#007 @2 a')).lastCounter).toBe(7);
    const last = ['999999999999', '1000000000001', '1000000000002'].map((n) => `m#prod#${n} @1 a`);
    expect(deriveState('m', tags(...last)).lastCounter).toBe(1_000_000_000_002);
  });

  test('reads what the tag of a version says, with and without the algorithm', () => {
    const hex = 'c'.repeat(64);
    const [full, bare] = deriveState(
      'm',
      tags(
        `m@v1.0.0 @1 a | Model-Digest: sha256:${hex}\nPassport-Digest: ${hex}\nStore: dir:/s`,
        'm@v2.0.0 @2 b',
      ),
    ).versions;
    expect(full).toMatchObject({
      modelDigest: hex,
      passportDigest: hex,
      store: 'dir:/s',
      active: true,
      commit: 'a',
    });
    expect(bare?.modelDigest).toBeUndefined();
  });

  test.each(['1_000', 'c'.repeat(63), `sha256:${'C'.repeat(64)}`, `sha512:${'c'.repeat(64)}`, '../x'])(
    'has no digest where a tag says %s',
    (said) => {
      const [version] = deriveState(
        'm',
        tags(`m@v1.0.0 @1 a | Model-Digest: ${said}\nPassport-Digest: ${said}`),
      ).versions;
      expect([version?.modelDigest, version?.passportDigest]).toEqual([undefined, undefined]);
    },
  );

  test('names what other readers stumble over', () => {
    const state = deriveState(
      'm',
      tags(
        'm@v1.0.0 @1 a',
        'm@v2.0.0 @2 a',
        'm@v3.0.0 @0 lightweight',
        'm@v1.0.0#4 @3 b',
        'm@v9.0.0! @4 c',
        'm@created @5 a',
        'm@nonsense @6 a',
      ),
    );
    expect(state.versions.map((v) => v.version)).toEqual(['v1.0.0', 'v2.0.0']);
    expect(state.takenVersions).toEqual(new Set(['v1.0.0', 'v2.0.0', 'v3.0.0', 'v9.0.0']));
    expect(state.problems).toEqual([
      expect.stringContaining('m@v3.0.0'),
      expect.stringMatching(/m@v1\.0\.0 and m@v1\.0\.0#4/),
      expect.stringContaining('m@v9.0.0!'),
      expect.stringMatching(/v1\.0\.0 and v2\.0\.0 .* one commit/),
    ]);
  });

  test('is deprecated until something happens again', () => {
    expect(deriveState('m', tags('m@v1.0.0 @1 a', 'm@deprecated @2 a')).deprecated).toBe(true);
    expect(deriveState('m', tags('m@v1.0.0 @1 a', 'm@deprecated @2 a', 'm@created @3 a')).deprecated).toBe(
      true,
    );
    expect(deriveState('m', tags('m@v1.0.0 @1 a', 'm@deprecated @2 a', 'm#prod#1 @3 a')).deprecated).toBe(
      false,
    );
  });
});
