import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { silentLog } from '@sluice/testing/log.ts';
import { sendWithoutEnd, startAnswering } from '@sluice/testing/s3/answering.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { fetchObject, openRemote, type RemoteReader } from './objects.ts';
import type { DvcProject, Remote } from './project.ts';
import { readVersions } from './versions.ts';

const MD5 = 'ab'.repeat(16);
const remote: Remote = { name: 'storage', url: 's3://data/dvc', settings: new Map() };
const signal = new AbortController().signal;

async function endless(): Promise<{ project: DvcProject; env: Readonly<Record<string, string>> }> {
  const { env } = await startAnswering((response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': String(2 ** 40) });
    sendWithoutEnd(response);
  });
  const root = await temporaryFolder('larger-dvc-object');
  const remotes = new Map([[remote.name, remote]]);
  return {
    project: { root, workspace: root, cache: path.join(root, 'cache'), remotes, defaultRemote: remote.name },
    env,
  };
}

test('of an object of a remote nothing is read past the size that DVC recorded', async () => {
  const { project, env } = await endless();
  const reader = (await openRemote(remote, project, { env, signal })) as RemoteReader;
  const name = { md5: MD5, algorithm: 'md5', most: 4 } as const;
  await expect(fetchObject(project, reader, name, () => undefined)).rejects.toMatchObject({
    reasonCode: 'digest-mismatch',
    message: expect.stringContaining(
      `ab/${MD5.slice(2)} of the DVC remote 'storage' is damaged: it has more than the 4 bytes`,
    ),
  });
  expect((await readdir(project.cache, { recursive: true })).filter((file) => file.includes('.tmp'))).toEqual(
    [],
  );
});

test('of a version of an object nothing is read past the size that DVC recorded', async () => {
  const { project, env } = await endless();
  const file = {
    absolute: path.join(project.root, 'a.csv'),
    md5: MD5,
    bytes: 4,
    algorithm: 'md5',
    version: { base: { kind: 'remote', name: remote.name }, below: 'a.csv', versionId: 'v' },
  } as const;
  await expect(readVersions(project, [file], { env, signal, log: silentLog })).rejects.toMatchObject({
    reasonCode: 'digest-mismatch',
    message: expect.stringContaining(
      's3://data/dvc/a.csv version v has more than 4 bytes, but DVC recorded 4 for a.csv',
    ),
  });
  expect(await readdir(project.root)).toEqual([]);
});
