import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startFrontDoor, type FrontDoor } from '@sluice/testing/front-door.ts';
import { claimVerdict } from './claims.ts';
import { commitAll } from './git.ts';
import { readLedger } from './ledger.ts';
import { dispatch } from './runs.ts';
import { askVersion } from './server.ts';
import { actionRun, type Teller } from './telling.ts';
import { ROOT, type World } from './world.ts';

/** Requests after which a version with a fifth of the traffic has answered at least once, but for once in a billion. */
const ENOUGH = 100;

/** A second environment, in front of which the traffic can be split: v2.0.0 predicts otherwise than v1.0.0, and is stopped there. */
export async function canary(world: World, tell: Teller): Promise<void> {
  const root = path.join(world.scratch, 'edge');
  await mkdir(root);
  const python = path.join(ROOT, '.venv', 'bin', 'python');
  const front = await startFrontDoor(root, `${python} serve.py --root {root} --port {port}`);
  try {
    await addEnvironment(world, front, root);
    const first = await dispatch(world, tell, 'canary.yml', { version: 'v1.0.0' });
    claimVerdict(tell, first, 'deploy', 'pass (ok)', 'the first version there gets all the traffic at once');
    const second = await dispatch(world, tell, 'canary.yml', { version: 'v2.0.0' });
    claimVerdict(
      tell,
      second,
      'deploy',
      'fail (analysis-failed)',
      'v2.0.0 gets a fifth, and is taken out again',
    );
    tell.fact(`deploy says: ${String(actionRun(second, 'deploy')?.result['message'])}`);
    const versions = new Set<string | undefined>();
    for (let i = 0; i < ENOUGH; i++) versions.add((await askVersion(front.url)).version);
    tell.claim('all requests are answered by v1.0.0', versions.size === 1 && versions.has('v1.0.0'), [
      ...versions,
    ]);
    const assigned = readLedger(world.remote).filter(({ name }) => name.startsWith('flight-delay#edge#'));
    tell.claim('and the ledger has never said otherwise', assigned.length === 1, assigned);
  } finally {
    await front.stop();
    world.git('revert', '--no-edit', 'HEAD');
    world.git('push', '--quiet', 'origin', 'main');
  }
}

async function addEnvironment(world: World, front: FrontDoor, root: string): Promise<void> {
  await appendFile(
    path.join(world.git.directory, 'sluice.yaml'),
    `  edge:
    target:
      type: command
      run: ${JSON.stringify(front.run)}
      path: ${root}
      capabilities: [split, probe]
      url: '${front.url}'
    strategy:
      canary:
        steps: [{ weight: 20, bake: 5s }, { weight: 100 }]
        deadline: 1m
        analysis:
          - provider: predictions
            requests: tests/golden.jsonl
            rate: 20
            agreement: { min: 0.98, tolerance: 0.01 }
    verify: { golden: tests/golden.jsonl }
`,
  );
  await writeFile(
    path.join(world.git.directory, '.github', 'workflows', 'canary.yml'),
    `name: Canary
on:
  workflow_dispatch:
    inputs:
      version:
        type: string
        required: true
permissions: {}
jobs:
  deploy:
    runs-on: ubuntu-latest
    permissions:
      contents: write
    env:
      MODEL_STORE: \${{ vars.MODEL_STORE }}
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: sluice-ml/sluice/actions/deploy@v1
        with:
          environment: edge
          version: \${{ inputs.version }}
`,
  );
  commitAll(world.git, 'Serve at the edge as well, and try new versions there with a fifth of the requests');
  world.git('push', '--quiet', 'origin', 'main');
}
