/** Configuration for one command of git. */
type Config = readonly (readonly [key: string, value: string])[];

/** What git-lfs writes for itself, as `git lfs install --local` does and with it actions/checkout. */
const LFS: Readonly<Record<string, readonly string[]>> = {
  'filter.lfs.clean': ['git-lfs clean -- %f'],
  'filter.lfs.smudge': ['git-lfs smudge -- %f', 'git-lfs smudge --skip -- %f'],
  'filter.lfs.process': ['git-lfs filter-process', 'git-lfs filter-process --skip'],
};

/**
 * What switches the filter programs off that the checkout's own configuration names, from the output of
 * `git config --list --show-scope -z`; git-lfs stays, unless that configuration has it run programs in turn.
 */
export function withoutFilters(listed: string): Config {
  const own = ownEntries(listed);
  const extended = own.some(([key]) => key.startsWith('lfs.extension.'));
  return own
    .filter(
      ([key, value]) =>
        /^filter\..*\.(?:clean|smudge|process)$/.test(key) &&
        (extended || LFS[key]?.includes(value) !== true),
    )
    .flatMap(([key]) => [[key, ''] as const, [key.replace(/[^.]*$/, 'required'), 'false'] as const]);
}

/** The entries of the repository itself and of its worktree. */
function ownEntries(listed: string): [key: string, value: string][] {
  const cells = listed.split('\0');
  const entries: [string, string][] = [];
  for (let index = 0; index + 1 < cells.length; index += 2) {
    const [scope, entry = ''] = [cells[index], cells[index + 1]];
    const end = entry.indexOf('\n');
    if (scope === 'local' || scope === 'worktree') {
      entries.push(end < 0 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)]);
    }
  }
  return entries;
}
