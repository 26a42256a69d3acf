import { describe, expect, test } from '@jest/globals';
import { UserError } from '../action/errors.ts';
import { parseDvcFile } from './dvc-file.ts';
import { parseLock } from './lock-file.ts';
import { parsePipeline } from './pipeline-file.ts';

const MD5 = 'cb583ba345bc7ea478a361b56d3691a7';

/** The message of the UserError that a body throws. */
function refused(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof UserError) return `${error.reasonCode}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}

describe('.dvc files', () => {
  test('of DVC 3, of DVC 2 and of an import', () => {
    // Written by DVC 3.67.1 (`dvc import-url --version-aware`) and DVC 2.x (without hash).
    const file = parseDvcFile(
      `md5: c228d0d55aa7da9417b7ab698e003bbc
frozen: true
deps:
- etag: ${MD5}
  size: 7
  version_id: 01M8504FCBKQ9RYGVBYAHMDB63
  hash: md5
  path: remote://source/one.csv
  fs_config:
    version_aware: true
outs:
- md5: ${MD5}
  size: 7
  hash: md5
  path: one.csv
  push: false
- md5: ${MD5}.dir
  path: old
`,
      'one.csv.dvc',
    );
    expect(file.outs).toEqual([
      { path: 'one.csv', algorithm: 'md5', md5: MD5, bytes: 7, cached: true },
      { path: 'old', algorithm: 'md5-dos2unix', md5: `${MD5}.dir`, cached: true },
    ]);
    expect(file.deps[0]?.cloud).toEqual({ versionId: '01M8504FCBKQ9RYGVBYAHMDB63', etag: MD5 });
  });

  test.each([
    ['outs:\n- md5: x/../../etc\n  path: a\n', 'a.dvc:2: outs.0.md5: expected an md5 in hex'],
    [
      'outs:\n- path: d\n  files:\n  - relpath: ../up\n',
      'a.dvc:4: outs.0.files.0.relpath: expected a path below',
    ],
    ['outs:\n- md5: 1\n  path: a\n', 'a.dvc:2: outs.0.md5: expected string, found 1.'],
    ['outs: 1\n', 'a.dvc:1: outs: expected array, found 1.'],
    ['outs: [\n', 'a.dvc:'],
    ['<<<<<<< ours\nouts: []\n', 'a.dvc:1: an unresolved merge conflict.'],
  ])('%j is refused with file, line and what to do', (text, message) => {
    const said = refused(() => parseDvcFile(text, 'a.dvc'));
    expect(said).toContain(`bad-config: ${message}`);
    expect(said).toMatch(/Let DVC write|let DVC write|run 'dvc/);
  });
});

describe('dvc.lock', () => {
  const stage = `cmd: ./run
  deps:
  - path: a
    md5: ${MD5}
  params:
    params.yaml:
      rate: 0.1
  outs:
  - path: b
    hash: md5
    md5: ${MD5}.dir
    size: 1
    nfiles: 2
`;
  test('schema 2.0, with datasets beside, and 1.0 are read alike', () => {
    const nested = stage.replaceAll('\n  ', '\n      ');
    const current = parseLock(
      `schema: '2.0'\ndatasets: [{name: d}]\nstages:\n  one@x:\n    ${nested.replaceAll('\n      ', '\n    ')}`,
      'dvc.lock',
    );
    const old = parseLock(`one@x:\n  ${stage}`, 'dvc.lock');
    expect(old).toEqual(current);
    expect([...current.keys()]).toEqual(['one@x']);
    expect(current.get('one@x')?.params).toEqual({ 'params.yaml': { rate: 0.1 } });
    expect(parseLock('', 'dvc.lock').size).toBe(0);
  });

  test('a schema of the future is refused', () => {
    expect(refused(() => parseLock("schema: '3.0'\n", 'dvc.lock'))).toContain('has the schema "3.0"');
  });
});

test('dvc.yaml: stages, loops, flags of outputs, parameters, artifacts', () => {
  const { stages, artifacts, metrics } = parsePipeline(
    `stages:
  fit:
    cmd: [a, b]
    wdir: sub
    params: [lr, {other.yaml: [x]}, {all.yaml: }]
    outs: [m, {n: {cache: false}}]
    metrics: [{s.json: {cache: false}}]
  each:
    foreach: [1, 2]
    do: {cmd: 'run \${item}'}
  grid:
    matrix: {a: [1], b: [2]}
    cmd: run
artifacts:
  model: {path: m, type: model, labels: [x]}
metrics: [top.json]
`,
    'dvc.yaml',
  );
  const fit = stages.get('fit');
  expect([fit?.outs, fit?.metrics, fit?.wdir]).toEqual([['m', 'n', 's.json'], ['s.json'], 'sub']);
  expect([...(fit?.params ?? [])]).toEqual([
    ['params.yaml', ['lr']],
    ['other.yaml', ['x']],
    ['all.yaml', null],
  ]);
  expect([stages.get('each')?.loop, stages.get('grid')?.loop, fit?.loop]).toEqual([true, true, false]);
  expect([artifacts.get('model'), metrics]).toEqual([{ path: 'm', type: 'model' }, ['top.json']]);
});
