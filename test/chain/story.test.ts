import { besideModel } from '@sluice/testing/stored-file.ts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { CHAPTERS, type Chapter } from '../../scripts/story/chapters.ts';
import { readLedger } from '../../scripts/story/ledger.ts';
import { pipeline } from '../../scripts/story/runs.ts';
import { askVersion } from '../../scripts/story/server.ts';
import { actionRun, verdict, type Claim, type Teller } from '../../scripts/story/telling.ts';
import { ROOT, createWorld, type World } from '../../scripts/story/world.ts';
import type { ActRun } from '@sluice/testing/act.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

const MINUTES = 60_000;
/** A run of a workflow on a busy machine. */
const LONG = 5 * MINUTES;
/** As many chapters end with the better model in production. */
const BETTER_MODEL = 4;
const PYTHON = path.join(ROOT, '.venv', 'bin');

/** Answers where GitHub's API would. */
const github = new GitHubDouble();
let scratch: string;
let world: World;
/** All workflow runs, in order. */
const runs: ActRun[] = [];
let claims: Claim[] = [];

/** Keeps what the chapters claim, for `expect`. */
const listener: Teller = {
  fact: () => undefined,
  claim: (text, holds, saw) => {
    claims.push({ text, holds, saw: JSON.stringify(saw) ?? 'nothing' });
  },
  workflow: () => () => undefined,
  finished: (_, run) => {
    runs.push(run);
  },
};

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'sluice-chain-')));
  await github.start();
  const apiUrl = github.env['GITHUB_API_URL'] ?? '';
  world = await createWorld(scratch, { github: { apiUrl, token: 'ghs_test' } });
}, MINUTES);

afterAll(async () => {
  await Promise.all([world.server.stop(), github.stop()]);
  await rm(scratch, { recursive: true });
});

describe('the example workflows, unchanged', () => {
  const expectChapter = async (chapter: Chapter): Promise<void> => {
    claims = [];
    await chapter.run(world, listener);
    expect(claims.length).toBeGreaterThan(0);
    expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  };
  const titled = CHAPTERS.map((chapter) => [chapter.title, chapter] as const);

  test.each(titled.slice(0, BETTER_MODEL))('%s', async (_, chapter) => expectChapter(chapter), LONG);

  test(
    'a second run of the pipeline for the same commit changes nothing',
    async () => {
      const before = readLedger(world.remote);
      const run = await pipeline(world, listener, 'again');
      expect(run.code).toBe(0);
      expect(actionRun(run, 'train')?.step.outputs['cache-hit']).toBe('true');
      expect(verdict(run, 'register-model')).toBe('pass (already-registered)');
      expect(verdict(run, 'deploy')).toBe('pass (already-live)');
      expect(readLedger(world.remote)).toEqual(before);
    },
    LONG,
  );

  test.each(titled.slice(BETTER_MODEL))('%s', async (_, chapter) => expectChapter(chapter), LONG);

  test(
    'the pipeline does not bring a quarantined version back',
    async () => {
      const before = readLedger(world.remote);
      const run = await pipeline(world, listener, 'quarantined');
      expect(verdict(run, 'deploy')).toBe('fail (quarantined)');
      expect(readLedger(world.remote)).toEqual(before);
      expect(await askVersion(world.server.url)).toMatchObject({ version: 'v1.0.0' });
    },
    LONG,
  );
});

describe('what the story leaves', () => {
  test('one comment with the metric diff on the pull request, and one check run on its commit', () => {
    expect(github.violations).toEqual([]);
    expect(github.state.comments).toHaveLength(1);
    expect(github.state.comments[0]?.issue).toBe(1);
    expect(github.state.comments[0]?.body).toMatch(/auc fell by 0\.0\d+/);
    const head = world.git('rev-parse', 'fewer-features');
    const checks = github.state.checks.filter(({ headSha }) => headSha === head);
    expect(checks).toEqual([expect.objectContaining({ status: 'completed', conclusion: 'failure' })]);
  });

  test('every result follows its published schema', async () => {
    const ajv = new Ajv.default({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const results = runs.flatMap(({ steps }) => steps.flatMap(({ outputs }) => outputs['result'] ?? []));
    expect(results.length).toBeGreaterThan(15);
    for (const text of results) {
      const result = JSON.parse(text) as { action: string };
      const file = path.join(ROOT, 'schemas', `${result.action}.result.schema.json`);
      const schema = JSON.parse(await readFile(file, 'utf8')) as { $id: string };
      const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
      const valid = validate(result);
      expect({ result, valid, errors: validate.errors }).toEqual({ result, valid: true, errors: null });
    }
  });

  test('no green step has an error annotation, and red ones have', () => {
    const steps = runs.flatMap((run) => run.steps).filter(({ outputs }) => outputs['decision'] !== undefined);
    const annotated = (outcome: string): boolean[] =>
      steps
        .filter((step) => step.outcome === outcome)
        .map(({ annotations }) => annotations.some(({ level }) => level === 'error'));
    expect(annotated('success')).not.toContain(true);
    expect(annotated('success').length).toBeGreaterThan(10);
    // Not all: act can lose what a step prints in its last moment.
    expect(annotated('failure')).toContain(true);
  });

  test('gto shows both versions, and v1.0.0 in production and at the edge', () => {
    world.git('fetch', '--quiet', '--tags');
    const shown = JSON.parse(
      python('gto', ['show', '--repo', world.git.directory, 'flight-delay', '--json']),
    ) as { version: string; stages: { stage: string }[] }[];
    const live = shown.map(({ version, stages }) => [version, stages.map(({ stage }) => stage).sort()]);
    expect(Object.fromEntries(live)).toEqual({ 'v1.0.0': ['edge', 'production'], 'v2.0.0': [] });
  });

  test('gto tells the same history as our own reading of the tags', () => {
    const history = JSON.parse(
      python('gto', ['history', '--repo', world.git.directory, 'flight-delay', '--json']),
    ) as { event: string; ref: string }[];
    const ours = readLedger(world.remote).map(({ name }) => name);
    expect(history.map(({ ref }) => ref).reverse()).toEqual(ours);
    expect(new Set(history.map(({ event }) => event))).toEqual(
      new Set(['registration', 'assignment', 'unassignment']),
    );
  });

  test('a stored model lies under the digest that sha256sum computes, and vouches for the root of model_signing', async () => {
    const models = path.join(scratch, 'models', 'flight-delay', 'sha256');
    const digests = await readdir(models);
    expect(digests).toHaveLength(2);
    for (const digest of digests) {
      const model = path.join(models, digest, 'model');
      const script = `
import pathlib, sys, model_signing.hashing
from model_signing._signing.signing import Payload
manifest = model_signing.hashing.Config().hash(pathlib.Path(sys.argv[1]))
print(Payload(manifest).statement.pb.subject[0].digest["sha256"])`;
      const root = python('python', ['-c', script, model]).trim();
      const manifest = 'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum';
      const [sum] = execFileSync('bash', ['-c', manifest], { cwd: model, encoding: 'utf8' }).split(' ');
      expect(sum).toBe(digest);
      const passport = await readFile(await besideModel(path.join(models, digest), 'passport.jsonl'), 'utf8');
      expect(passport).toContain(`"openssf-model-signing:flight-delay","digest":{"sha256":"${root}"}`);
    }
  });
});

function python(program: string, args: string[]): string {
  return execFileSync(path.join(PYTHON, program), args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
