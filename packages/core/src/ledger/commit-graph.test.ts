import { expect, it } from '@jest/globals';
import { mergeBase, newestFirst, parseCommit, reachable, type CommitGraph } from './commit-graph.ts';

/** Each commit with its time and its parents. */
function graphOf(
  commits: Readonly<Record<string, readonly [time: number, ...parents: string[]]>>,
): CommitGraph {
  return new Map(
    Object.entries(commits).map(([id, [time, ...parents]]) => [id, { tree: `tree of ${id}`, parents, time }]),
  );
}

it('reads tree, parents and time of a commit, and nothing of its message', () => {
  const text = [
    'tree aa',
    'parent bb',
    'parent cc',
    'author A <a@b> 5 +0000',
    'committer C 7 +0000 <c@d> 1700000000 -0130',
    'gpgsig -----BEGIN',
    ' parent dd',
    '',
    'parent ee',
    'committer X <x> 9 +0000',
  ].join('\n');
  expect(parseCommit(text)).toEqual({ tree: 'aa', parents: ['bb', 'cc'], time: 1_700_000_000 });
  expect(parseCommit('')).toEqual({ tree: '', parents: [], time: 0 });
});

it('puts no commit before its children, whatever their clocks said', () => {
  const graph = graphOf({ top: [1, 'left', 'right'], left: [9, 'base'], right: [3, 'base'], base: [50] });
  expect(newestFirst(graph, 'top')).toEqual(['top', 'left', 'right', 'base']);
  expect(newestFirst(graph, 'gone')).toEqual([]);
});

it('knows nothing behind a commit that is not here', () => {
  const graph = graphOf({ b: [2, 'a'], c: [3, 'b'] });
  expect([...reachable(graph, 'c')].sort()).toEqual(['b', 'c']);
  expect(mergeBase(graph, 'c', 'a')).toBeUndefined();
});

it.each<[string, string, string | undefined]>([
  ['main', 'main', 'main'],
  ['main', 'fork', 'fork'],
  ['main', 'topic', 'fork'],
  ['topic', 'main', 'fork'],
  ['merged', 'main', 'main'],
  ['main', 'stranger', undefined],
])('the base of %s and %s is %s', (one, other, base) => {
  const graph = graphOf({
    root: [1],
    fork: [2, 'root'],
    main: [5, 'fork'],
    topic: [9, 'fork'],
    merged: [10, 'topic', 'main'],
    stranger: [4],
  });
  expect(mergeBase(graph, one, other)).toBe(base);
});

it('of several best bases takes the newest', () => {
  const graph = graphOf({ root: [1], a: [2, 'root'], b: [3, 'root'], x: [4, 'a', 'b'], y: [5, 'b', 'a'] });
  expect(mergeBase(graph, 'x', 'y')).toBe('b');
});
