import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { DVC_BIN, PYTHON, dvcRepository, type DvcRepository } from '@sluice/testing/dvc/dvc.ts';

const CSV = 'id,amount\n1,10\n2,20\n3,30\n';
const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: amounts
version: 1.0.0
status: active
schema:
  - name: amounts
    properties:
      - {name: id, logicalType: integer, required: true}
`;

/** Names that YAML, JSON, shells and sorting treat in their own ways. */
const NASTY = [
  'plain.csv',
  'with space.csv',
  '-dash.csv',
  'quote\'"s.csv',
  'ünïcödé.csv',
  '\u{1f600}.csv',
  '\uff5e.csv',
  '# not a comment.csv',
  'a: b.csv',
  '{x}.csv',
  '1e5',
  'del\u007f.csv',
  'tab\t.csv',
  'sub/deep er/file.csv',
  'sub-a.csv',
  `${'long '.repeat(20)}.csv`,
];

async function validate(repository: DvcRepository, data: string): Promise<StepResult> {
  await repository.write({ 'contract.odcs.yaml': CONTRACT });
  return runStep('validate-data', {
    workspace: repository.root,
    inputs: { data, contract: 'contract.odcs.yaml', format: 'csv' },
    env: repository.env,
  });
}

const verdict = (step: StepResult): unknown[] => [step.code, step.outputs['reason-code']];

async function nastyFolder(): Promise<DvcRepository> {
  const repository = await dvcRepository('dvc-nasty');
  await repository.write(Object.fromEntries(NASTY.map((name) => [`data/${name}`, CSV])));
  await repository.write({
    '.dvcignore': '*.tmp\n/data/sub/skip/\n',
    'data/x.tmp': '1',
    'data/sub/skip/y': '2',
  });
  await repository.dvc('add', '-q', 'data');
  await repository.dvc('push', '-q');
  return repository;
}

test('a folder with nasty names is compared without a remote, pulled where files are missing, refused where they differ', async () => {
  const repository = await nastyFolder();
  const asIs = await validate(repository, 'data/**');
  expect(asIs.stdout).toContain(`DVC: ${NASTY.length} files are as data.dvc recorded of data`);
  await rm(path.join(repository.root, 'data'), { recursive: true });
  await rm(path.join(repository.root, '.dvc/cache'), { recursive: true });
  const pulled = await validate(repository, 'data/**/*.csv');
  expect([verdict(pulled), pulled.result['checks']]).toEqual([
    [0, 'ok'],
    [expect.objectContaining({ kind: 'dvc', files: NASTY.length - 1, pulled: NASTY.length - 1 })],
  ]);
  expect((await repository.dvc('status', 'data.dvc')).trim()).not.toBe('');
  await validate(repository, 'data/1e5');
  expect((await repository.dvc('status', 'data.dvc')).trim()).toContain('up to date');
  await appendFile(path.join(repository.root, 'data/a: b.csv'), '4,40\n');
  await writeFile(path.join(repository.root, 'data/new.csv'), CSV);
  const changed = await validate(repository, 'data/**/*.csv');
  expect(verdict(changed)).toEqual([1, 'digest-mismatch']);
  expect(changed.outputs['decision']).toBe('fail');
  const text = changed.stdout;
  expect(text).toMatch(/data\/a: b\.csv has md5 [0-9a-f]{32}, expected [0-9a-f]{32}/);
  expect(text).toMatch(/data\/new\.csv \(md5 [0-9a-f]{32}\) was not there then/);
});

test('a damaged object of the remote is refused, and so is data that was never pushed', async () => {
  const repository = await dvcRepository('dvc-damaged');
  await repository.write({ 'big.csv': CSV });
  await repository.dvc('add', '-q', 'big.csv');
  await rm(path.join(repository.root, 'big.csv'));
  await rm(path.join(repository.root, '.dvc/cache'), { recursive: true });
  const never = await validate(repository, 'big.csv');
  expect([verdict(never), never.stdout.includes("Run 'dvc push'")]).toEqual([[1, 'missing-file'], true]);
  await repository.write({ 'big.csv': CSV });
  await repository.dvc('add', '-q', 'big.csv');
  await repository.dvc('push', '-q');
  const [first = ''] = await readdir(path.join(repository.remote, 'files/md5'));
  const [rest = ''] = await readdir(path.join(repository.remote, 'files/md5', first));
  const object = path.join(repository.remote, 'files/md5', first, rest);
  await chmod(object, 0o644);
  await appendFile(object, 'tampered');
  await rm(path.join(repository.root, 'big.csv'));
  await rm(path.join(repository.root, '.dvc/cache'), { recursive: true });
  const damaged = await validate(repository, 'big.csv');
  expect([verdict(damaged), damaged.stdout.includes('is damaged')]).toEqual([[1, 'digest-mismatch'], true]);
});

test('data of DVC 2.x, whose md5 takes CRLF for LF, is compared and pulled', async () => {
  const repository = await dvcRepository('dvc-legacy');
  // DVC decides for each MiB by its first 512 bytes: text, binary, and one that is text again.
  const mixed = Buffer.concat([
    Buffer.from('a\r\n'.repeat(1 << 19)).subarray(0, 1 << 20),
    randomBytes(1 << 20),
    Buffer.from('b\r\n'.repeat(1000)),
  ]);
  const text = CSV.replaceAll('\n', '\r\n');
  await repository.write({ 'crlf.csv': text, 'folder/mixed.bin': mixed, 'folder/crlf.csv': text });
  const script = `import sys
from dvc_data.hashfile.hash import file_md5
from dvc_data.hashfile.tree import Tree
from dvc_data.hashfile.hash_info import HashInfo
print(file_md5("crlf.csv", name="md5-dos2unix"))
tree = Tree()
for name in ("mixed.bin", "crlf.csv"):
    tree.add((name,), None, HashInfo("md5-dos2unix", file_md5("folder/" + name, name="md5-dos2unix")))
tree.digest()
print(tree.hash_info.value)`;
  await repository.write({ 'digests.py': script });
  const { stdout } = await promisify(execFile)(PYTHON, ['digests.py'], { cwd: repository.root });
  const [file = '', folder = ''] = stdout.trim().split('\n');
  await repository.write({
    'crlf.csv.dvc': `outs:\n- md5: ${file}\n  size: ${text.length}\n  path: crlf.csv\n`,
    'folder.dvc': `outs:\n- md5: ${folder}\n  path: folder\n`,
  });
  const both = await validate(repository, 'crlf.csv\nfolder/*.csv');
  expect([verdict(both), both.stdout]).toEqual([
    [0, 'ok'],
    expect.stringContaining('DVC: 2 files are as folder.dvc'),
  ]);
  await repository.dvc('commit', '-q', '-f', 'crlf.csv.dvc', 'folder.dvc');
  await repository.dvc('push', '-q');
  expect(await readFile(path.join(repository.root, 'crlf.csv.dvc'), 'utf8')).not.toContain('hash: md5');
  for (const name of ['crlf.csv', 'folder', '.dvc/cache']) {
    await rm(path.join(repository.root, name), { recursive: true });
  }
  const pulled = await validate(repository, 'crlf.csv\nfolder/*.csv');
  expect(verdict(pulled)).toEqual([0, 'ok']);
  await validate(repository, 'folder/mixed.bin');
  expect(await repository.dvc('status')).toContain('up to date');
});

test('a lock that does not belong to the parameters is a warning, and a note where train runs the pipeline', async () => {
  const repository = await dvcRepository('dvc-outdated');
  const train = 'train: { pipeline: dvc.yaml }';
  await repository.write({
    'raw.csv': CSV,
    'params.yaml': 'lines: 3\n',
    'dvc.yaml': `stages:
  prepare:
    cmd: cp raw.csv prepared.csv
    deps: [raw.csv]
    params: [lines]
    outs: [prepared.csv]
`,
  });
  await repository.dvc('repro', '-q');
  expect(verdict(await validate(repository, 'prepared.csv'))).toEqual([0, 'ok']);
  await repository.write({ 'params.yaml': 'lines: 4\n' });
  const stale = await validate(repository, 'prepared.csv');
  expect([stale.code, stale.outputs['decision'], stale.outputs['reason-code']]).toEqual([
    0,
    'warn',
    'lock-outdated',
  ]);
  expect(stale.summary).toContain('parameter lines of params.yaml changed');
  await repository.write({ 'sluice.yaml': `version: 1\n${train}\n` });
  expect(verdict(await validate(repository, 'prepared.csv'))).toEqual([0, 'ok']);
});

test('train and evaluate-gate bring their data too, and refuse other data than recorded', async () => {
  const repository = await dvcRepository('dvc-steps');
  await repository.write({
    'test.csv': CSV,
    'metrics.json': '{"auc": 0.7}',
    'sluice.yaml': `version: 1
model: flights
data: { test: test.csv }
train: { run: cp test.csv out.bin, sources: sluice.yaml, model-path: out.bin, cache: false }
gate: { rules: [{ metric: auc, min: 0.5 }], comment: never }
`,
  });
  await repository.dvc('add', '-q', 'test.csv');
  await repository.dvc('push', '-q');
  const steps = [
    ['train', {}],
    ['evaluate-gate', { metrics: 'metrics.json', 'model-path': 'metrics.json' }],
  ] as const;
  for (const [action, inputs] of steps) {
    for (const name of ['test.csv', '.dvc/cache'])
      await rm(path.join(repository.root, name), { recursive: true });
    const step = await runStep(action, { workspace: repository.root, inputs, env: repository.env });
    expect([action, step.code, step.stdout]).toEqual([
      action,
      0,
      expect.stringContaining('DVC: 1 file(s) of test.csv.dvc were pulled.'),
    ]);
    await writeFile(path.join(repository.root, 'test.csv'), 'id\n9\n');
    const refused = await runStep(action, { workspace: repository.root, inputs, env: repository.env });
    expect([action, refused.code, refused.outputs['reason-code']]).toEqual([action, 1, 'digest-mismatch']);
    await repository.dvc('checkout', '-q', '-f');
  }
});

test('a remote of another kind is read by dvc where it is installed; where not, the message says how', async () => {
  const repository = await dvcRepository('dvc-http');
  await repository.write({ 'data.csv': CSV });
  await repository.dvc('add', '-q', 'data.csv');
  await repository.dvc('push', '-q');
  const server = createServer((request, response) => {
    readFile(path.join(repository.remote, decodeURIComponent(request.url ?? ''))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await repository.dvc('remote', 'modify', '-q', 'store', 'url', `http://127.0.0.1:${port}`);
    for (const name of ['data.csv', '.dvc/cache'])
      await rm(path.join(repository.root, name), { recursive: true });
    await repository.write({ 'contract.odcs.yaml': CONTRACT });
    const inputs = { data: 'data.csv', contract: 'contract.odcs.yaml' };
    const without = await runStep('validate-data', { workspace: repository.root, inputs });
    expect([verdict(without), without.stdout]).toEqual([
      [1, 'missing-file'],
      expect.stringContaining(`pip install "dvc[http]"`),
    ]);
    const env = { PATH: `${DVC_BIN}:${process.env['PATH'] ?? ''}` };
    const installed = await runStep('validate-data', { workspace: repository.root, inputs, env });
    expect([verdict(installed), installed.stdout]).toEqual([
      [0, 'ok'],
      expect.stringContaining('1 file is as data.csv.dvc recorded of data.csv, 1 pulled'),
    ]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('data that was imported from another repository is pulled by dvc, which knows the way there', async () => {
  const source = await dvcRepository('dvc-import-source');
  await source.write({ 'shared.csv': CSV });
  await source.dvc('add', '-q', 'shared.csv');
  await source.dvc('push', '-q');
  await source.git('add', '-A');
  await source.git('commit', '-q', '-m', 'Share');
  const repository = await dvcRepository('dvc-import');
  await repository.dvc('import', '-q', source.root, 'shared.csv');
  for (const name of ['shared.csv', '.dvc/cache'])
    await rm(path.join(repository.root, name), { recursive: true });
  await repository.write({ 'contract.odcs.yaml': CONTRACT });
  const reading = { SLUICE_DVC_REMOTES: `${source.root}\n${repository.remote}` };
  const inputs = { data: 'shared.csv', contract: 'contract.odcs.yaml' };
  const foreign = await runStep('validate-data', { workspace: repository.root, inputs });
  expect([verdict(foreign), foreign.stdout]).toEqual([
    [1, 'bad-config'],
    expect.stringContaining('SLUICE_DVC_REMOTES'),
  ]);
  const without = await runStep('validate-data', { workspace: repository.root, inputs, env: reading });
  expect([verdict(without), without.stdout]).toEqual([
    [1, 'missing-file'],
    expect.stringContaining(`was imported from ${source.root}`),
  ]);
  const env = { ...reading, PATH: `${DVC_BIN}:${process.env['PATH'] ?? ''}` };
  expect(verdict(await runStep('validate-data', { workspace: repository.root, inputs, env }))).toEqual([
    0,
    'ok',
  ]);
});
