import { expect, test } from '@jest/globals';
import { renewRecord, type NewRecord } from './record.ts';

const OLD = 'cb583ba345bc7ea478a361b56d3691a7';
const NEW = '1'.repeat(31) + 'a';

function renew(text: string, record: NewRecord, path = 'one.csv', stage?: string): string | undefined {
  return renewRecord(
    text,
    {
      entry: { path, algorithm: 'md5', cached: true },
      absolute: `/project/${path}`,
      recorded: { file: '/project/one.csv.dvc', name: 'one.csv.dvc' },
      origin: stage === undefined ? { kind: 'file' } : { kind: 'stage', stage },
    },
    record,
  );
}

test('digest and size are replaced, what said something of the old bytes goes, the rest stays as it was', () => {
  const text = `# kept by hand
outs:
- etag: ${OLD}
  md5: ${OLD}
  # about the size
  size: 7
  version_id: x
  hash: md5
  path: one.csv
  desc: "long words   that go
    on"
  cloud:
    s3:
      etag: ${OLD}
meta: {a: 1e-05}
`;
  expect(renew(text, { md5: NEW, size: 9 })).toBe(`# kept by hand
outs:
- md5: ${NEW}
  size: 9
  hash: md5
  path: one.csv
  desc: "long words   that go
    on"
meta: {a: 1e-05}
`);
});

test('a folder in dvc.lock gets its number of files, and a file of DVC 2 the name of its hash', () => {
  const lock = (out: string): string => `schema: '2.0'
stages:
  fit@a:
    cmd: python fit.py --with 'a very long command that DVC breaks' --at 80 --columns so
      that it goes on here
    outs:
    - path: other
      md5: ${OLD}
    - ${out}
  next:
    cmd: ''
`;
  const before = lock(`path: one.csv\n      md5: ${OLD}.dir\n      size: 1\n      nfiles: 1`);
  const after = lock(`path: one.csv\n      md5: ${NEW}.dir\n      size: 2\n      nfiles: 3\n      hash: md5`);
  expect(renew(before, { md5: `${NEW}.dir`, size: 2, nfiles: 3 }, 'one.csv', 'fit@a')).toBe(after);
});

test.each(['1'.repeat(32), `${'1'.repeat(30)}e1`, `0b${'1'.repeat(30)}`])(
  'the digest %s, which is a number to YAML, stands in quotes',
  (md5) => {
    expect(renew(`outs:\n- md5: ${OLD}\n  path: one.csv\n`, { md5, size: 1 })).toBe(
      `outs:\n- md5: '${md5}'\n  path: one.csv\n  size: 1\n  hash: md5\n`,
    );
  },
);

test.each([
  ['no such output', `outs:\n- md5: ${OLD}\n  path: two.csv\n`],
  ['an output in braces', `outs:\n- {md5: ${OLD}, path: one.csv}\n`],
  ['no outputs', 'outs:\n'],
])('%s: nothing is proposed', (_, text) => {
  expect(renew(text, { md5: NEW, size: 1 })).toBeUndefined();
});
