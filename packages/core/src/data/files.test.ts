import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { dataFolder, fileSet } from '@sluice/testing/data.ts';

describe('expanding files', () => {
  it('gives each file once, in code-point order, with the digest that sha256sum prints', async () => {
    const folder = await dataFolder({ 'b.csv': 'b', 'a.csv': 'a', 'Z.csv': 'z', 'ä.csv': 'ä' });
    const set = await fileSet(folder, 'b.csv', '*.csv');
    expect(set.files.map((file) => file.path)).toEqual(['Z.csv', 'a.csv', 'b.csv', 'ä.csv']);
    expect(set.bytes).toBe(5);
    const printed = execFileSync('sh', ['-c', 'sha256sum Z.csv a.csv b.csv ä.csv | sha256sum'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(printed.startsWith(set.digest)).toBe(true);
  });

  it('takes a path that exists as it is, even if it looks like a glob', async () => {
    const folder = await dataFolder({ '[a].csv': '1', 'a.csv': '2' });
    expect((await fileSet(folder, '[a].csv')).files.map((file) => file.path)).toEqual(['[a].csv']);
  });

  it('changes its digest with a name as well as with a byte', async () => {
    const digest = async (files: Record<string, string>): Promise<string> =>
      (await fileSet(await dataFolder(files), '*.csv')).digest;
    const all = await Promise.all([{ 'a.csv': '1' }, { 'b.csv': '1' }, { 'a.csv': '2' }].map(digest));
    expect(new Set(all).size).toBe(3);
    expect(await digest({ 'a.csv': '1' })).toBe(all[0]);
  });

  it('says which pattern matches nothing', async () => {
    await expect(fileSet(await dataFolder({}), 'none/*.csv')).rejects.toMatchObject({
      reasonCode: 'missing-file',
    });
  });
});
