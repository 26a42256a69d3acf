import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { findProject } from '@sluice/core/dvc/project.ts';
import { pipelineStatus } from '@sluice/core/dvc/pipeline-status.ts';
import { dvcRepository, type DvcRepository } from '@sluice/testing/dvc/dvc.ts';

const PIPELINE = `vars:
- sizes: {small: 1, large: 2}
stages:
  prepare:
    cmd: cp raw.csv prepared.csv
    deps: [raw.csv]
    outs: [prepared.csv]
  split:
    foreach: \${sizes}
    do:
      cmd: head -n \${item} ../prepared.csv > \${key}.csv
      wdir: work
      deps: [../prepared.csv]
      outs: ['\${key}.csv']
  train:
    cmd:
    - cp prepared.csv model.pkl
    - echo '{"auc":0.7}' > metrics.json
    deps: [prepared.csv]
    params: [train, optimizer.lr, other.json: [seed]]
    outs: [model.pkl]
    metrics: [metrics.json: {cache: false}]
`;

let repository: DvcRepository;
beforeAll(async () => {
  repository = await dvcRepository('dvc-pipeline');
  await repository.write({
    'raw.csv': 'id\n1\n2\n3\n',
    'work/keep': '',
    'params.yaml': 'train: {epochs: 3, rate: 1.0e-05}\noptimizer: {lr: 0.1}\nunused: 1\n',
    'other.json': '{"seed": 7}',
    'dvc.yaml': PIPELINE,
  });
  await repository.dvc('repro', '-q');
});

/** Stages that changed, by our reading and by DVC's. */
async function changed(): Promise<{ ours: string[]; theirs: string[]; changes: string[] }> {
  const project = await findProject(repository.root, repository.root);
  if (project === undefined) throw new Error('no project');
  const stages = (await pipelineStatus(project, repository.root)) ?? [];
  const theirs = JSON.parse(await repository.dvc('status', '--json')) as Record<string, unknown>;
  const ours = stages.filter(({ changes }) => changes.length > 0);
  return {
    ours: ours.map(({ stage }) => stage).sort(),
    theirs: Object.keys(theirs).sort(),
    changes: ours.flatMap(({ changes }) => changes),
  };
}

/** Changes a file, looks, and puts it back. */
async function after(
  file: string,
  change: (text: string) => string,
): Promise<Awaited<ReturnType<typeof changed>>> {
  const absolute = path.join(repository.root, file);
  const before = await readFile(absolute, 'utf8');
  await writeFile(absolute, change(before));
  const found = await changed();
  await writeFile(absolute, before);
  return found;
}

describe('dvc.lock is compared as dvc status does', () => {
  test('right after dvc repro nothing is out of date', async () => {
    expect(await changed()).toEqual({ ours: [], theirs: [], changes: [] });
  });

  test.each([
    ['a dependency', 'raw.csv', (text: string) => `${text}4\n`, ['prepare']],
    [
      'an output that others read',
      'prepared.csv',
      () => 'id\n',
      ['prepare', 'split@large', 'split@small', 'train'],
    ],
    ['a parameter', 'params.yaml', (text: string) => text.replace('0.1', '0.2'), ['train']],
    [
      'a parameter in a map',
      'params.yaml',
      (text: string) => text.replace('epochs: 3', 'epochs: 4'),
      ['train'],
    ],
    [
      'a parameter that no stage reads',
      'params.yaml',
      (text: string) => text.replace('unused: 1', 'unused: 2'),
      [],
    ],
    ['a parameter in JSON', 'other.json', () => '{"seed": 8}', ['train']],
    ['a command', 'dvc.yaml', (text: string) => text.replace('cp raw.csv', 'cp -v raw.csv'), ['prepare']],
    ['a metric in git', 'metrics.json', () => '{"auc":0.9}', ['train']],
    [
      'the command of a loop',
      'dvc.yaml',
      (text: string) => text.replace('head -n', 'tail -n'),
      ['split@large', 'split@small'],
    ],
    [
      'a new dependency',
      'dvc.yaml',
      (text: string) => text.replace('deps: [raw.csv]', 'deps: [raw.csv, other.json]'),
      ['prepare'],
    ],
    [
      'a dependency that is gone',
      'dvc.yaml',
      (text: string) => text.replace('deps: [raw.csv]', 'deps: []'),
      [],
    ],
    [
      'a new output',
      'dvc.yaml',
      (text: string) => text.replace('outs: [prepared.csv]', 'outs: [prepared.csv, second.csv]'),
      ['prepare'],
    ],
    [
      'a metric that is gone',
      'dvc.yaml',
      (text: string) => text.replace('metrics: [metrics.json: {cache: false}]', ''),
      [],
    ],
    [
      'a new parameter',
      'dvc.yaml',
      (text: string) => text.replace('optimizer.lr,', 'optimizer.lr, unused,'),
      ['train'],
    ],
    ['a parameter that is gone', 'dvc.yaml', (text: string) => text.replace('optimizer.lr,', ''), []],
    [
      'all parameters of a file, of which there is one',
      'dvc.yaml',
      (text: string) => text.replace('other.json: [seed]', '{other.json: }'),
      [],
    ],
    ['a new stage', 'dvc.yaml', (text: string) => `${text}  late:\n    cmd: echo\n`, ['late']],
  ])('%s', async (_what, file, change, expected) => {
    const { ours, theirs } = await after(file, change);
    expect([ours, theirs]).toEqual([expected, expected]);
  });

  test('a merge that took one stage from each side is found without any data', async () => {
    const lock = await readFile(path.join(repository.root, 'dvc.lock'), 'utf8');
    const entry = /(path: prepared\.csv\n\s+hash: md5\n\s+md5: )[0-9a-f]{32}/;
    for (const name of ['prepared.csv', 'model.pkl']) await rm(path.join(repository.root, name));
    await writeFile(path.join(repository.root, 'dvc.lock'), lock.replace(entry, `$1${'f'.repeat(32)}`));
    const project = await findProject(repository.root, repository.root);
    const stages = project && (await pipelineStatus(project, repository.root));
    await writeFile(path.join(repository.root, 'dvc.lock'), lock);
    await repository.dvc('checkout', '-q');
    const changes = stages?.flatMap((stage) => stage.changes) ?? [];
    expect(changes.filter((change) => change.includes('but prepare wrote'))).not.toEqual([]);
  });
});
