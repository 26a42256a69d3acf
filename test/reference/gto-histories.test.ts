import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { Book, at } from '@sluice/testing/book.ts';
import { formatTag, parseTag, type TagEvent } from '@sluice/core/ledger/grammar.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import type { LedgerTag, ModelState } from '@sluice/core/ledger/state.ts';
import { askPython } from './python.ts';

/** SLUICE_HISTORIES=1000 looks longer; SLUICE_SEED repeats a run that failed. */
const HISTORIES = Number(process.env['SLUICE_HISTORIES'] ?? 12);
const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 2 ** 31);
jest.setTimeout(60_000 + HISTORIES * 2000);

/** Commits each history may use. */
const COMMITS = 24;
const START = at(0).getTime() / 1000;
const IDENTITY = 'Ada <ada@example.com>';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-gto-'));
});
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));

interface Step {
  readonly at: number;
  readonly do: 'register' | 'deregister' | 'assign' | 'unassign' | 'deprecate';
  readonly [argument: string]: unknown;
}
interface History {
  readonly directory: string;
  readonly models: readonly string[];
  readonly steps: readonly Step[];
}
interface ShownVersion {
  readonly version: string;
  readonly commit_hexsha: string;
  readonly is_active: boolean;
  readonly registrations: readonly unknown[];
}
interface Answer {
  readonly refused: readonly { step: number; why: string }[];
  readonly registry: Readonly<Record<string, Shown>>;
  readonly shown: Readonly<Record<string, Shown>>;
  readonly versions: Readonly<Record<string, readonly ShownVersion[]>>;
}
interface Shown {
  readonly version: string | null;
  readonly stage: Readonly<Record<string, string | null>>;
  readonly active: boolean;
}

/** All histories in one process of gto. */
const gto = (histories: readonly History[]): Promise<Answer[]> =>
  askPython('gto_histories.py', histories, {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  });

function git(directory: string, args: readonly string[], input = ''): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const child = spawnSync('git', args, { cwd: directory, input, encoding: 'utf8', env });
  if (child.status !== 0) throw new Error(`git ${args.join(' ')}: ${child.stderr}`);
  return child.stdout;
}

/** A repository with the same commits every time, and these tags, `commit` being the number of one. */
async function repository(name: string, tags: readonly (LedgerTag & { commit: string })[]): Promise<string> {
  const directory = path.join(root, name);
  await mkdir(directory);
  git(directory, ['init', '--quiet', '--initial-branch=main']);
  const bytes = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commits = Array.from({ length: COMMITS }, (_, i) => {
    const from = i === 0 ? '' : `from :${i}\n`;
    return `commit refs/heads/main\nmark :${i + 1}\ncommitter ${IDENTITY} ${START - 1000} +0000\n${bytes(`${i}`)}${from}\n`;
  });
  const written = tags.map(
    ({ name: tag, commit, time, message }) =>
      `tag ${tag}\nfrom :${Number(commit) + 1}\ntagger ${IDENTITY} ${time.getTime() / 1000} +0000\n${bytes(message)}`,
  );
  git(directory, ['fast-import', '--quiet'], [...commits, ...written].join(''));
  return directory;
}

const commitsOf = (directory: string): string[] =>
  git(directory, ['rev-list', '--reverse', 'main']).trim().split('\n');

/** The tags of a repository, as this project reads them. */
function tagsOf(directory: string): LedgerTag[] {
  const fields = ['refname:strip=2', 'objecttype', '*objectname', 'taggerdate:unix', 'contents'];
  const format = fields.map((field) => `%(${field})%00`).join('');
  return git(directory, ['for-each-ref', `--format=${format}`, 'refs/tags'])
    .split('\0\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [name = '', type, commit = '', seconds, message = ''] = row.split('\0');
      const target = type === 'tag' ? { commit } : {};
      return { name, ...target, time: new Date(Number(seconds) * 1000), tagger: 'Ada', message };
    });
}

/** What gto shows of a model, in the words of our state. */
function shown(answer: Answer, model: string): object {
  const entry = answer.registry[model];
  const versions = (answer.versions[model] ?? []).filter((v) => v.registrations.length > 0);
  const active = versions.filter((v) => v.is_active);
  const names = new Set(active.map((v) => v.version));
  return {
    latest: entry?.version ?? undefined,
    deprecated: entry?.active === false,
    active: active.map((v) => `${v.version} ${v.commit_hexsha}`).sort(),
    // A name that was given to another commit stands for that.
    inactive: [...new Set(versions.map((v) => v.version).filter((name) => !names.has(name)))].sort(),
    live: Object.fromEntries(Object.entries(entry?.stage ?? {}).filter(([, version]) => version !== null)),
  };
}
function ours(state: ModelState): object {
  const live = [...state.environments].flatMap(([name, e]) => (e.live ? [[name, e.live.version]] : []));
  return {
    latest: state.versions.findLast((v) => v.active)?.version,
    deprecated: state.deprecated,
    active: state.versions
      .filter((v) => v.active)
      .map((v) => `${v.version} ${v.commit}`)
      .sort(),
    inactive: state.versions
      .filter((v) => !v.active)
      .map((v) => v.version)
      .sort(),
    live: Object.fromEntries(live) as object,
  };
}
/** `dir:m` of gto is `dir=m` in tags. */
const inTags = (model: string): string => model.replace(':', '=');

/** Names that begin alike, have a folder, or have a slash. */
const MODELS = ['m', 'm-2', 'm/b', 'sub/m', 'dir/sub:m'];
const STAGES = ['prod', 'prod', 'dev', 'eu/prod'];
const VERSIONS = ['v1.0.0', 'v1.0.1', 'v2.0.0-rc.1', 'v2.0.0', 'v10.0.0'];

const gtoStep = fc.record({
  kind: fc.constantFrom<Step['do'][]>(
    'register',
    'register',
    'assign',
    'assign',
    'unassign',
    'deregister',
    'deprecate',
  ),
  name: fc.oneof(
    { weight: 9, arbitrary: fc.constant('m') },
    { weight: 3, arbitrary: fc.constantFrom(...MODELS) },
  ),
  commit: fc.nat({ max: 3 }),
  version: fc.constantFrom(...VERSIONS),
  stage: fc.constantFrom(...STAGES),
  simple: fc.constantFrom(undefined, undefined, true, false),
  force: fc.constantFrom(true, true, false),
  byVersion: fc.constantFrom(false, false, true),
  skip: fc.boolean(),
  /** Seconds since the step before; ties are as common as in a busy workflow. */
  later: fc.constantFrom(0, 0, 0, 1, 5),
});
type GtoStep = Omit<typeof gtoStep extends fc.Arbitrary<infer T> ? T : never, 'later'> & {
  readonly later: number;
};

function callOf(step: GtoStep, second: number, commits: readonly string[]): Step {
  const { name, version, stage, simple, force } = step;
  const common = { at: START + second, name, simple: simple ?? null };
  const ref = commits[step.commit];
  const which = step.byVersion ? { version } : { ref };
  switch (step.kind) {
    case 'register':
      return { ...common, do: 'register', ref, version: step.byVersion ? version : null, force };
    case 'assign':
      return { ...common, do: 'assign', ...which, stage, force, skip_registration: step.skip };
    case 'unassign':
      return { ...common, do: 'unassign', ...which, stage, force };
    case 'deregister':
      return { ...common, do: 'deregister', ...which };
    case 'deprecate':
      return { ...common, do: 'deprecate' };
  }
}

/** Ties that chance finds rarely: each history ends with two events of prod in one second. */
function ties(): GtoStep[][] {
  const step = { name: 'm', stage: 'prod', force: true, byVersion: false, skip: true, simple: undefined };
  const one = { ...step, commit: 0, version: 'v1.0.0', later: 1 };
  const two = { ...step, commit: 1, version: 'v2.0.0', later: 1 };
  const now = { later: 0 };
  const register = (of: typeof one): GtoStep => ({ ...of, kind: 'register', byVersion: true });
  const [assign, unassign] = (['assign', 'unassign'] as const).map((kind) => (of: typeof one): GtoStep => ({
    ...of,
    kind,
  })) as [(of: typeof one) => GtoStep, (of: typeof one) => GtoStep];
  const both = [register(one), register(two)];
  const pairs = [
    [assign(one), assign({ ...two, ...now })],
    [assign(two), assign({ ...one, ...now })],
    [assign(one), assign(two), unassign({ ...two, ...now })],
    [assign(two), { ...assign({ ...one, ...now }), commit: 2 }],
  ];
  return [
    ...pairs.map((pair) => [...both, ...pair]),
    ...pairs.map((pair) => [...[...both].reverse(), ...pair]),
  ];
}

test('histories that gto wrote mean the same here', async () => {
  const random = fc.sample(fc.array(gtoStep, { minLength: 12, maxLength: 24 }), {
    numRuns: HISTORIES,
    seed: SEED,
  });
  const samples = [...ties(), ...random];
  const histories: History[] = [];
  for (const [index, steps] of samples.entries()) {
    const directory = await repository(`theirs-${index}`, []);
    const commits = commitsOf(directory);
    let second = 0;
    const calls = steps.map((step) => callOf(step, (second += step.later), commits));
    histories.push({ directory, models: MODELS, steps: calls });
  }
  const answers = await gto(histories);
  let granted = 0;
  for (const [index, answer] of answers.entries()) {
    const { directory, steps } = histories[index] as History;
    granted += steps.length - answer.refused.length;
    const tags = tagsOf(directory);
    const context = {
      seed: SEED,
      index,
      tags: tags.map((t) => `${t.name} ${t.time.getTime() / 1000 - START}`),
    };
    for (const model of MODELS) {
      const state = deriveState(inTags(model), tags);
      expect({ ...context, model, ...ours(state) }).toEqual({ ...context, model, ...shown(answer, model) });
    }
  }
  // Wishes that gto refuses test nothing.
  expect(granted).toBeGreaterThan(HISTORIES * 4);
});

const wish = fc.record({
  do: fc.constantFrom(
    'register',
    'register',
    'assign',
    'assign',
    'release',
    'unassign',
    'quarantine',
    'rollback',
    'hold',
  ),
  version: fc.integer({ min: 1, max: 4 }),
  commit: fc.nat({ max: 3 }),
  second: fc.integer({ min: 0, max: 20 }),
});

/** What our plans make of random wishes. */
function bookOf(wishes: readonly (typeof wish extends fc.Arbitrary<infer T> ? T : never)[]): Book {
  const book = new Book();
  for (const [index, given] of wishes.entries()) {
    const version = `v${given.version}.0.0`;
    const now = at(given.second);
    const grants: Record<string, () => Plan> = {
      register: () => book.register(index, `${given.commit}`, now),
      assign: () => book.assign(version, {}, now),
      release: () => book.assign(version, { releaseQuarantine: true, releaseHold: true }, now),
      unassign: () => book.unassign(version, false, now),
      quarantine: () => book.unassign(version, true, now),
      rollback: () => book.rollback({}, now),
      hold: () => book.rollback({ hold: true }, now),
    };
    grants[given.do]?.();
  }
  return book;
}

/** The call of gto that writes the same tag. */
function asGto({ name, commit, time }: LedgerTag & { commit: string }, commits: readonly string[]): Step {
  const event = parseTag(name) as TagEvent;
  const common = { at: time.getTime() / 1000, name: event.model, ref: commits[Number(commit)], force: true };
  switch (event.kind) {
    case 'registration':
      return { ...common, do: 'register', version: event.version };
    case 'assignment':
      return { ...common, do: 'assign', stage: event.environment };
    case 'unassignment':
      return { ...common, do: 'unassign', stage: event.environment };
    default:
      throw new Error(`${name} is nothing that we write`);
  }
}

describe('histories that we wrote', () => {
  test('mean the same to gto, which writes the same tags for the same wishes', async () => {
    const samples = fc.sample(fc.array(wish, { minLength: 8, maxLength: 24 }), {
      numRuns: HISTORIES,
      seed: SEED,
    });
    const histories: History[] = [];
    for (const [index, wishes] of samples.entries()) {
      const tags = numbered(bookOf(wishes).tags);
      const written = await repository(`ours-${index}`, tags);
      const repeated = await repository(`repeated-${index}`, []);
      const commits = commitsOf(repeated);
      histories.push({ directory: written, models: ['m'], steps: [] });
      histories.push({ directory: repeated, models: ['m'], steps: tags.map((tag) => asGto(tag, commits)) });
    }
    const answers = await gto(histories);
    for (let index = 0; index < answers.length; index += 2) {
      const [written, repeated] = [answers[index] as Answer, answers[index + 1] as Answer];
      const tags = tagsOf((histories[index] as History).directory);
      const names = tags.map((t) => t.name);
      const context = { seed: SEED, index: index / 2, names };
      expect({ ...context, ...ours(deriveState('m', tags)) }).toEqual({ ...context, ...shown(written, 'm') });
      expect({ ...context, refused: repeated.refused }).toEqual({ ...context, refused: [] });
      expect({ ...context, shown: repeated.shown }).toEqual({ ...context, shown: written.shown });
      const events = (directory: string): string[] =>
        tagsOf(directory).map((t) => `${t.name} ${t.commit} ${t.time.toISOString()}`);
      expect(events((histories[index + 1] as History).directory)).toEqual(
        events((histories[index] as History).directory),
      );
    }
  });

  /** The commits of a book as numbers of the repository's; a child is the next one that is free. */
  function numbered(tags: readonly LedgerTag[]): (LedgerTag & { commit: string })[] {
    const names = [...new Set(tags.flatMap(({ commit }) => commit ?? []))];
    return tags.map((tag) => ({ ...tag, commit: String(names.indexOf(tag.commit ?? '')) }));
  }
});

test('tags that gto can parse are the tags that we can parse', async () => {
  const piece = fc.constantFrom(
    ...'aZ09-_/.=:@#!v+~ '.split(''),
    ...['m', 'm@v1.0.0', 'm#prod', '@v1.0.0', '#prod', '@deprecated', '@created', '-rc.1', '00', '#7'],
  );
  const texts = fc.sample(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    { numRuns: 20_000, seed: SEED },
  );
  const theirs = await askPython<Record<string, unknown>[]>('gto_tags.py', texts);
  const ACTIONS: Readonly<Record<TagEvent['kind'], string | undefined>> = {
    registration: 'register',
    deregistration: 'deregister',
    assignment: 'assign',
    unassignment: 'unassign',
    deprecation: 'deprecate',
    creation: undefined,
  };
  const own = texts.map((text) => {
    const event = parseTag(text);
    if (event === undefined) return {};
    const { model: name, kind, counter, ...rest } = event;
    const what = 'environment' in rest ? { stage: rest.environment } : rest;
    const action = ACTIONS[kind];
    return {
      name: name.replaceAll('=', ':'),
      ...(action === undefined ? {} : { action }),
      ...what,
      ...(counter === undefined ? {} : { counter }),
    };
  });
  expect(own).toEqual(theirs);
  expect(theirs.filter((found) => 'action' in found).length).toBeGreaterThan(500);
  const tidy = texts.filter((text) => parseTag(text)?.counter === undefined && parseTag(text) !== undefined);
  for (const text of tidy) expect(formatTag(parseTag(text) as TagEvent)).toBe(text);
});
