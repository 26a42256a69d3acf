import { expect, it } from '@jest/globals';
import { withoutFilters } from './filters.ts';

const listed = (...entries: [scope: string, entry: string][]): string =>
  entries.map(([scope, entry]) => `${scope}\0${entry}\0`).join('');

it('switches off what the checkout names, and nothing of the machine', () => {
  const text = listed(
    ['system', 'filter.a.clean\nmachine'],
    ['global', 'filter.b.process\nmachine'],
    ['local', 'filter.c.d.clean\nevil\nmore'],
    ['worktree', 'filter.e.process\nevil'],
    ['local', 'core.bare'],
    ['local', 'filter.c.d.required\ntrue'],
  );
  expect(withoutFilters(text)).toEqual([
    ['filter.c.d.clean', ''],
    ['filter.c.d.required', 'false'],
    ['filter.e.process', ''],
    ['filter.e.required', 'false'],
  ]);
});

it('keeps git-lfs as it installs itself, and no other under its name', () => {
  const lfs: [string, string][] = [
    ['local', 'filter.lfs.clean\ngit-lfs clean -- %f'],
    ['local', 'filter.lfs.process\ngit-lfs filter-process'],
  ];
  expect(withoutFilters(listed(...lfs))).toEqual([]);
  expect(withoutFilters(listed(['local', 'filter.lfs.clean\ngit-lfs clean -- %f; evil']))).toHaveLength(2);
  expect(withoutFilters(listed(...lfs, ['local', 'lfs.extension.x.clean\nevil']))).toHaveLength(4);
});
