import { expect, test } from '@jest/globals';
import { parseTree, treeBytes, treeDigest } from './tree.ts';

/** What DVC 3.67.1 wrote for a folder with these files, each empty; test/e2e/dvc-data.test.ts asks the real one. */
const EMPTY = 'd41d8cd98f00b204e9800998ecf8427e';

test('the list of a folder has the order and the escapes of Python', () => {
  const names = ['～', '😀', 'é', 'z', 'Z', 'a b', 'quote\'"', 'del\u007f', 'sub/deep', 'sub-a'];
  const entries = names.map((path) => ({ path, md5: EMPTY }));
  expect(treeBytes(entries)).toBe(
    `[${[
      'Z',
      'a b',
      'del\\u007f',
      'quote\'\\"',
      'sub-a',
      'sub/deep',
      'z',
      '\\u00e9',
      '\\uff5e',
      '\\ud83d\\ude00',
    ]
      .map((name) => `{"md5": "${EMPTY}", "relpath": "${name}"}`)
      .join(', ')}]`,
  );
  expect(treeDigest([{ path: 'a', md5: EMPTY }])).toMatch(/^[0-9a-f]{32}\.dir$/);
  const back = parseTree(treeBytes(entries), 'the list');
  expect(new Set(back.map(({ path }) => path))).toEqual(new Set(names));
});

test.each(['../up', '/abs', 'a/../b', 'a//b', '', '.', 'nul\0'])(
  'a list with the path %j is refused',
  (relpath) => {
    const text = JSON.stringify([{ md5: EMPTY, relpath }]);
    expect(() => parseTree(text, 'the list')).toThrow('no path below the folder');
  },
);

test.each(['', '{}', '[{"relpath":"a"}]', '[{"relpath":"a","md5":"../../x"}]'])('%j is no list', (text) => {
  expect(() => parseTree(text, 'the list')).toThrow('no list of files');
});
