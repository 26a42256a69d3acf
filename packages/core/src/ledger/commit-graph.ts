/** What a commit's bytes say. */
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** When it was committed, in s. */
  readonly time: number;
}

/** Commits by their ids. One that is not here is where knowledge ends. */
export type CommitGraph = ReadonlyMap<string, Commit>;

/** Reads the bytes of a commit. */
export function parseCommit(bytes: string): Commit {
  const end = bytes.indexOf('\n\n');
  const lines = bytes.slice(0, end < 0 ? undefined : end).split('\n');
  const valuesOf = (key: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const [, seconds = '0'] = / (\d{1,15}) [+-]\d+$/.exec(valuesOf('committer')[0] ?? '') ?? [];
  return { tree: valuesOf('tree')[0] ?? '', parents: valuesOf('parent'), time: Number(seconds) };
}

/** A commit and all its ancestors. */
export function reachable(graph: CommitGraph, from: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const commit = seen.has(id) ? undefined : graph.get(id);
    if (commit === undefined) continue;
    seen.add(id);
    waiting.push(...commit.parents);
  }
  return seen;
}

/** A commit and all its ancestors, none before one of its children, else the newest first. */
export function newestFirst(graph: CommitGraph, from: string): string[] {
  const children = new Map<string, number>();
  const all = reachable(graph, from);
  const parentsOf = (id: string): string[] => (graph.get(id)?.parents ?? []).filter((one) => all.has(one));
  for (const id of all) for (const one of parentsOf(id)) children.set(one, (children.get(one) ?? 0) + 1);
  const ready = all.has(from) ? [from] : [];
  const ordered: string[] = [];
  while (ready.length > 0) {
    const at = newestOf(graph, ready);
    const [id = ''] = ready.splice(at, 1);
    ordered.push(id);
    for (const one of parentsOf(id)) {
      const left = (children.get(one) ?? 0) - 1;
      children.set(one, left);
      if (left === 0) ready.push(one);
    }
  }
  return ordered;
}

/** The best common ancestor of two commits: the newest that is an ancestor of no other one. */
export function mergeBase(graph: CommitGraph, one: string, other: string): string | undefined {
  const others = reachable(graph, other);
  const common = [...reachable(graph, one)].filter((id) => others.has(id));
  const dominated = new Set(common.flatMap((id) => graph.get(id)?.parents ?? []));
  const best = common.filter((id) => !dominated.has(id));
  return best[newestOf(graph, best)];
}

/** Where the newest of some commits stands. */
function newestOf(graph: CommitGraph, ids: readonly string[]): number {
  let newest = 0;
  for (const [index, id] of ids.entries()) {
    if ((graph.get(id)?.time ?? 0) > (graph.get(ids[newest] ?? '')?.time ?? 0)) newest = index;
  }
  return newest;
}
