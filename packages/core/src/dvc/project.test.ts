import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { findProject, remoteFor } from './project.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-project-'));
  await mkdir(path.join(root, '.dvc'));
  await mkdir(path.join(root, 'deep/folder'), { recursive: true });
  // Written by DVC 3.67.1 (`dvc remote add`, `dvc remote modify --local`, `dvc cache dir`), and edited by a person.
  await writeFile(
    path.join(root, '.dvc/config'),
    `[core]
    remote = my store
    autostage = true
['remote "my store"']
    url = "s3://b,ucket/p#x"
    region = eu-central-1  # near us
['remote "inner"']
    url = remote://my store/below
[cache]
    dir = ../shared
# the end
`,
  );
  await writeFile(
    path.join(root, '.dvc/config.local'),
    `['remote "my store"']\n    region = eu-west-1\n    access_key_id = key\n['remote "disk"']\n    url = ../../elsewhere\n`,
  );
});
afterAll(() => rm(root, { recursive: true }));

test('the configuration is read, the local one on top, paths relative to .dvc', async () => {
  const project = await findProject(path.join(root, 'deep/folder'), root);
  expect([project?.root, project?.cache, project?.defaultRemote]).toEqual([
    root,
    path.join(root, 'shared'),
    'my store',
  ]);
  const remotes = [...(project?.remotes.values() ?? [])].map(({ name, url }) => [name, url]);
  expect(remotes).toEqual([
    ['my store', 's3://b,ucket/p#x'],
    ['inner', 's3://b,ucket/p#x/below'],
    ['disk', path.resolve(root, '..', 'elsewhere')],
  ]);
  const settings = project?.remotes.get('inner')?.settings;
  expect([settings?.get('region'), settings?.get('access_key_id')]).toEqual(['eu-west-1', 'key']);
});

test('a remote that is not configured is an error that names those that are', async () => {
  const project = await findProject(root, root);
  if (project === undefined) throw new Error('no project');
  expect(() => remoteFor(project, 'other')).toThrow("The DVC remote 'other' is not configured");
  expect(() => remoteFor(project, 'other')).toThrow('my store, inner, disk');
});

test('a folder outside of every project has none, and nothing above the checkout is looked at', async () => {
  expect(await findProject(path.join(root, 'deep'), path.join(root, 'deep'))).toBeUndefined();
});

test('a cache outside of the checkout is refused, also by a link, unless the workflow names it', async () => {
  const outside = await mkdtemp(path.join(os.tmpdir(), 'sluice-outside-'));
  const workspace = path.join(outside, 'workspace');
  const shared = path.join(outside, 'shared');
  const config = path.join(workspace, '.dvc', 'config');
  await mkdir(path.dirname(config), { recursive: true });
  await mkdir(shared);
  for (const dir of ['../../shared', shared, '/']) {
    await writeFile(config, `[cache]\n    dir = ${dir}\n`);
    await expect(findProject(workspace, workspace)).rejects.toThrow(/\.dvc\/config\).*SLUICE_DVC_CACHE/);
  }
  await writeFile(config, `[cache]\n    dir = ${shared}\n`);
  process.env['SLUICE_DVC_CACHE'] = shared;
  expect((await findProject(workspace, workspace))?.cache).toBe(shared);
  delete process.env['SLUICE_DVC_CACHE'];
  await writeFile(config, '');
  await symlink(shared, path.join(workspace, '.dvc', 'cache'));
  await expect(findProject(workspace, workspace)).rejects.toMatchObject({ reasonCode: 'bad-config' });
  await rm(outside, { recursive: true });
});
