import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'yaml';
import { digestFolder } from '@sluice/core/dvc/listing.ts';
import { dvcRepository } from '@sluice/testing/dvc/dvc.ts';

const TREES = 40;

const part = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom(...'ab -._#!?*[]{}\'"\\:,&~$%@+=é～\u{1f600}\u007f'),
      minLength: 1,
      maxLength: 8,
    }),
    fc.constantFrom('keep.csv', 'drop.tmp', 'build', 'a b', 'log.txt', '.hidden', '-x'),
  )
  .filter(
    (name) =>
      !['.', '..', '.dvc', '.git', '.hg', '.dvcignore', '.gitignore'].includes(name) &&
      !name.endsWith('.dvc'),
  );
/** Paths of which none is a folder of another. What DVC makes of a folder that a rule takes back is its own (docs/dvc.md). */
const tree = fc
  .uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 12,
    selector: (parts) => parts[0] ?? '',
  })
  .map((paths) =>
    paths.filter((parts) => !parts.slice(0, -1).includes('log.txt')).map((parts) => parts.join('/')),
  );

test('folders with any names, below .dvcignore files of any kind, have the digest that dvc add records', async () => {
  const trees = fc.sample(tree, { numRuns: TREES, seed: 20240501 });
  const repository = await dvcRepository('dvc-trees');
  await repository.write({
    '.dvcignore': '# what is built\n*.tmp\nbuild/\n!t3/**/drop.tmp\n/in/t1/keep.csv\n**/log.txt\n',
    'in/.dvcignore': 'a b\n!log.txt\n/t2/.hidden\nt4/*\n!t4/keep.csv\n\\#odd\n-x\n',
  });
  for (const [index, paths] of trees.entries()) {
    const files = paths.map((name, i) => [`in/t${index}/${name}`, `${index} ${i}`] as const);
    // A folder that DVC finds empty would not be added.
    await repository.write(Object.fromEntries([...files, [`in/t${index}/always`, String(index)]]));
  }
  await repository.dvc('add', '-q', ...trees.map((_, index) => `in/t${index}`));
  for (const index of trees.keys()) {
    const folder = path.join(repository.root, 'in', `t${index}`);
    const { outs } = parse(await readFile(`${folder}.dvc`, 'utf8')) as {
      outs: { md5: string; nfiles: number }[];
    };
    const ours = await digestFolder(repository.root, folder, 'md5');
    expect([index, ours.md5, ours.files.length]).toEqual([index, outs[0]?.md5, outs[0]?.nfiles]);
  }
});
