import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { runWorkflow, type ActRun } from '@sluice/testing/act.ts';
import type { ActStep } from '@sluice/testing/act-log.ts';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';

/*
 * The composite actions that teams call, other than setup-project, without which no test of docs/adopt would pass. git and
 * curl are real; gh is a script that writes down how it was called and knows of no open pull request.
 */

const WORKFLOW = `on: push
jobs:
  propose:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: |
          echo "$PWD/bin" >> "$GITHUB_PATH"
          mkdir .sluice
          echo 'kind: DataContract' > .sluice/suggested.yaml
          echo 'not to be proposed' >> README.md
      - id: changed
        uses: sluice-ml/sluice/action-templates/propose-change@v1
        with:
          from: .sluice/suggested.yaml
          path: contracts/data of today.yaml
          branch: suggested-contract
          title: A contract with "quotes" and $(words)
      - id: checkout
        run: git status --short --branch
      - id: unchanged
        uses: sluice-ml/sluice/action-templates/propose-change@v1
        with: {path: params.yaml, branch: never, title: Never}
  notify:
    runs-on: ubuntu-latest
    steps:
      - id: told
        uses: sluice-ml/sluice/action-templates/notify@v1
        with:
          webhook: \${{ vars.WEBHOOK }}/hooks/secret?a=1&b=2
          message: |
            It failed: "quotes", \\ and $(words)
      - id: refused
        continue-on-error: true
        uses: sluice-ml/sluice/action-templates/notify@v1
        with: {webhook: '\${{ vars.WEBHOOK }}/gone'}
`;
const GH = `#!/bin/sh
echo "$@" >> "$GH_CALLS"
`;

const posts: { readonly url: string; readonly body: string }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    posts.push({ url: request.url ?? '', body });
    response.writeHead(request.url === '/gone' ? 404 : 200).end();
  });
});
let repository: TestRepository;
let run: ActRun;
let calls: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  repository = await createRepository({
    '.github/workflows/w.yml': WORKFLOW,
    'params.yaml': 'a: 1\n',
    'README.md': 'x\n',
    'bin/gh': GH,
  });
  await chmod(path.join(repository.workspace, 'bin/gh'), 0o755);
  await repository.commit('A program');
  calls = path.join(repository.root, 'gh.log');
  const WEBHOOK = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  run = await runWorkflow(
    { scratch: path.join(repository.root, 'runner'), vars: { WEBHOOK }, env: { GH_CALLS: calls } },
    {
      repository: repository.workspace,
      workflow: '.github/workflows/w.yml',
      event: 'push',
      title: 'templates',
    },
  );
});
afterAll(async () => {
  server.close();
  await repository.remove();
});

const step = (id: string): ActStep | undefined => run.steps.find((one) => one.id === id);
const outcome = (id: string): string | undefined => step(id)?.outcome;

test('propose-change pushes one commit with the file alone and opens a pull request', async () => {
  expect(outcome('changed')).toBe('success');
  const remote = path.join(repository.root, 'remote.git');
  const shown = await runGit(remote, ['show', '--format=%s', '--name-only', 'suggested-contract']);
  expect(shown.trim().split('\n')).toEqual([
    'A contract with "quotes" and $(words)',
    '',
    'contracts/data of today.yaml',
  ]);
  expect((await readFile(calls, 'utf8')).trim().split('\n')).toEqual([
    'pr list --head suggested-contract --state open --json number --jq .[].number',
    'pr create --head suggested-contract --title A contract with "quotes" and $(words) --body',
  ]);
});

test('propose-change leaves the checkout as it is', () => {
  expect(step('checkout')?.output.trim().split('\n')).toEqual([
    expect.stringMatching(/^## main/),
    ' M README.md',
    '?? .sluice/',
    '?? contracts/',
  ]);
});

test('propose-change does nothing for a file that is as it is committed', () => {
  expect(outcome('unchanged')).toBe('success');
  expect(step('unchanged')?.output).toContain('params.yaml is as it is committed.');
});

test('notify posts the message, and is red where nobody takes it', () => {
  expect(outcome('told')).toBe('success');
  expect(outcome('refused')).toBe('failure');
  const text = `It failed: "quotes", \\ and $(words)\n`;
  expect(posts[0]).toEqual({ url: '/hooks/secret?a=1&b=2', body: JSON.stringify({ text }) });
  expect(posts[1]?.body).toMatch(/failed on main, .*actions\/runs\/\d+"}$/);
});
