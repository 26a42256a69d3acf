import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { appendFile, chmod, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { renewRecord } from '@sluice/core/dvc/record.ts';
import { ROOT, runStep } from '@sluice/testing/action.ts';
import { PYTHON, dvcRepository } from '@sluice/testing/dvc/dvc.ts';

/** Texts that YAML has ideas about. DVC writes the line ends of YAML 1.1 (NEL, LS, PS) so that YAML 1.2 reads other text. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(...'ab \n\t\'":#-?,[]{}&*!|>%@`~=<.0123eE+_é\u{1f600}\ufeff\u007f\r'),
      maxLength: 30,
    }),
    fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'longer', "'", '"', '\n', 'é', '\t'), maxLength: 120 }),
    fc.constantFrom(
      'null',
      'true',
      'yes',
      '1',
      '1.0',
      '1e5',
      '.5',
      '1_000',
      '2020-01-01',
      '',
      '~',
      '<<',
      '=',
      '0o7',
    ),
    fc.constantFrom(
      '-',
      '- a',
      '---',
      'key: v',
      'a #b',
      '#a',
      '.nan',
      'x'.repeat(100),
      `data/${'x'.repeat(90)} y z`,
    ),
  )
  .filter((value) => Buffer.from(value).toString() === value && !/[\u0085\u2028\u2029]/.test(value));
/** DVC breaks long keys with spaces in two, which no YAML parser reads again. */
const key = text.filter((value) => !(value.length > 60 && value.includes(' ')));
const scalar = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

const hex = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
  fc.constantFrom('1'.repeat(32), `${'1'.repeat(20)}e${'2'.repeat(11)}`, `0b${'01'.repeat(15)}`),
);
/** Keys of an output that say what the bytes were, and one that does not. */
const bytes = fc.record(
  {
    etag: fc.string(),
    md5: hex,
    size: fc.nat(),
    nfiles: fc.nat(),
    isexec: fc.constant(true),
    hash: fc.constant('md5'),
    files: fc.array(fc.record({ relpath: key, size: fc.nat() }), { minLength: 1, maxLength: 2 }),
    desc: text,
  },
  { requiredKeys: [] },
);
const record = fc.oneof(
  fc.record({ md5: hex, size: fc.nat() }),
  fc.record({ md5: hex.map((md5) => `${md5}.dir`), size: fc.nat(), nfiles: fc.nat() }),
);
const OF_BYTES = ['etag', 'md5', 'size', 'nfiles', 'isexec', 'files'];

test('a record is renewed in what DVC wrote as DVC writes the new one', () => {
  const cases = fc.sample(
    fc.record({ before: bytes, path: key, after: bytes, other: value, record, first: fc.boolean() }),
    { numRuns: 1000, seed: 20240501 },
  );
  const written = (out: Record<string, unknown>, { first, other }: (typeof cases)[number]): unknown => ({
    outs: first ? [out, { path: 'another' }] : [{ path: 'another', hash: 'md5' }, out],
    meta: other,
  });
  const values = cases.flatMap((one) => {
    const old = { ...one.before, path: one.path, ...one.after };
    const kept = Object.entries(old).filter(([name]) => !OF_BYTES.includes(name) || name in one.record);
    const renewed = { ...Object.fromEntries(kept), ...one.record, hash: 'md5' };
    return [written(old, one), written(renewed, one)];
  });
  const dumped = spawnSync(PYTHON, [path.join(ROOT, 'test/e2e/dvc/dump.py')], {
    input: JSON.stringify(values),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(dumped.stderr).toBe('');
  const theirs = JSON.parse(dumped.stdout) as string[];
  expect(theirs).toHaveLength(2000);
  cases.forEach((one, index) => {
    const entry = { path: one.path, algorithm: 'md5' as const, cached: true };
    const recorded = { file: '/p/a.dvc', name: 'a.dvc' };
    const tracked = { entry, absolute: '/p/a', recorded, origin: { kind: 'file' as const } };
    expect(renewRecord(theirs[2 * index] ?? '', tracked, one.record)).toBe(theirs[2 * index + 1]);
  });
});

test('the new record that is proposed for changed data is what dvc add and dvc commit write', async () => {
  const repository = await dvcRepository('dvc-record');
  const { root } = repository;
  const dvc = (...args: string[]): Promise<string> => repository.dvc(...args);
  await repository.write({
    'one file.csv': 'id\n1\n',
    'folder/a.csv': 'id\n1\n',
    'params.yaml':
      'rate: 1.0e-05\nname: "a: b"\nsteps: [1, 2.0, null, {x: yes}]\nlong: "many words that go on and on until the line of the file is longer than eighty columns"\n',
    'dvc.yaml': `stages:
  copy:
    cmd:
    - |
      cp folder/a.csv out.csv
      chmod +x out.csv
    - echo "it's done" # with a remark
    deps: [folder]
    params: [rate, name, steps, long]
    outs: [out.csv]
`,
  });
  await dvc('add', '-q', 'one file.csv', 'folder');
  await dvc('repro', '-q');
  await appendFile(path.join(root, 'one file.csv'), '2\n');
  await repository.write({ 'folder/new.csv': 'id\n3\n' });
  await chmod(path.join(root, 'out.csv'), 0o755);
  await appendFile(path.join(root, 'out.csv'), '2\n');
  const data = 'one file.csv\nfolder/*.csv\nout.csv';
  const step = await runStep('validate-data', { workspace: root, inputs: { data }, env: repository.env });
  expect([step.outputs['reason-code'], step.stdout]).toEqual([
    'digest-mismatch',
    expect.stringContaining('.sluice/dvc/one file.csv.dvc'),
  ]);
  await dvc('add', '-q', 'one file.csv', 'folder');
  const proposed = (name: string): Promise<string> => readFile(path.join(root, '.sluice/dvc', name), 'utf8');
  for (const name of ['one file.csv.dvc', 'folder.dvc']) {
    expect(await proposed(name)).toBe(await readFile(path.join(root, name), 'utf8'));
  }
  // dvc commit also renews the dependency, which stands above the parameters.
  const lock = await proposed('dvc.lock');
  await dvc('commit', '-q', '-f', 'copy');
  const [ours, theirs] = [lock, await readFile(path.join(root, 'dvc.lock'), 'utf8')].map(
    (text) => text.split('\n    params:')[1],
  );
  expect(ours).toBe(theirs);
});
