import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startFrontDoor, type FrontDoor } from '@sluice/testing/front-door.ts';
import { writeGitKiller } from '@sluice/testing/git-killer.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * kill -9 of a canary at its boundaries that others can see: its pushes, and before and after its target did as it was told.
 * What kills is git or the target's program, as the step starts them. Afterwards, in turn, the same run again, a rollback by
 * somebody else, and a deployment of something else: nothing waits, and ledger, target and answers agree.
 */

jest.setTimeout(600_000);

let production: Production;
let front: FrontDoor;
let bin: string;
beforeAll(async () => {
  production = await startProduction();
  const { root } = production.repository;
  const served = path.join(root, 'behind');
  front = await startFrontDoor(served);
  bin = path.join(root, 'bin');
  await mkdir(bin);
  await writeGitKiller(bin);
  await production.repository.write({
    'target.sh': `request=$(cat)
case $request in *'"operation":"shift"'*)
  echo >> "${bin}/shifts"
  now=$(wc -l < "${bin}/shifts")
  [ "$now" -eq "$(cat "${bin}/shift-before" 2>/dev/null || echo 0)" ] && { kill -9 $PPID; exit 1; }
  if [ "$now" -eq "$(cat "${bin}/shift-after" 2>/dev/null || echo 0)" ]; then
    printf %s "$request" | ${front.run} > /dev/null; kill -9 $PPID; exit 1
  fi;;
esac
printf %s "$request" | ${front.run}
`,
    'requests.jsonl': '{"input": {"x": 1}}\n',
  });
  const analysis =
    '{provider: probe, requests: requests.jsonl, rate: 50, min-samples: 10, errors: {max: 0.5}}';
  await production.configure({
    target: `{type: command, run: sh target.sh, path: ${served}, capabilities: [split, probe], url: '${front.url}'}
    strategy: {canary: {steps: [{weight: 50, bake: 1s}, {weight: 100}], analysis: [${analysis}]}}`,
    verify: "{golden: '{model-path}/golden.jsonl', ready-count: 1, settle: 1ms}",
  });
  await production.register({ bias: 1 });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await front.stop();
  await production.remove();
});

/** Nothing is killed, and nothing was counted. */
async function forget(): Promise<void> {
  for (const name of await readdir(bin)) if (name !== 'git') await rm(path.join(bin, name));
}

async function answers(): Promise<string[]> {
  const versions = new Set<string>();
  for (let i = 0; i < 60; i++)
    versions.add(((await (await fetch(`${front.url}/version`)).json()) as { version: string }).version);
  return [...versions];
}

const BOUNDARIES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['the environment is claimed', { push: '1' }],
  ['its target is told of the first share', { 'shift-before': '1' }],
  ['its target has obeyed', { 'shift-after': '1' }],
  ['it bakes', { push: '4' }],
  ['its target has moved all traffic', { 'shift-after': '2' }],
];

let live = 'v1.0.0';
test.each(BOUNDARIES.map(([title, files], index) => [title, files, index] as const))(
  'a canary killed when %s',
  async (_title, files, index) => {
    const { version } = await production.register({ bias: index + 2 });
    await forget();
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(bin, name), content);
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    expect((await production.run('deploy', { version }, { env })).code).toBeNull();
    await forget();
    const next = [
      async () => {
        expect(await production.run('deploy', { version })).toMatchObject({ code: 0 });
        return version;
      },
      async () => {
        expect(await production.run('rollback', { reason: 'bad' })).toMatchObject({ code: 0 });
        return live;
      },
      async () => {
        const other = await production.register({ bias: index + 20 });
        expect(await production.run('deploy', { version: other.version })).toMatchObject({ code: 0 });
        return other.version;
      },
    ];
    live = (await next[index % next.length]?.()) ?? '';
    expect(await answers()).toEqual([live]);
    expect(await production.ledgerLive()).toBe(live);
    expect(await production.locks()).toBe('');
  },
);
