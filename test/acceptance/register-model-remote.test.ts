import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { serveGit, type GitServer } from '@sluice/testing/git-server.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';
import { expectRefused } from '@sluice/testing/refused.ts';

jest.setTimeout(60_000);

let project: Project;
beforeEach(async () => {
  project = await startProject();
});
afterEach(() => project.repository.remove());

describe('others at work', () => {
  /** Before the push is taken, somebody else's tag is there. */
  const rival = (tag: string, trailers: string): Promise<void> =>
    project.repository.hook(
      'pre-receive',
      `git rev-parse --quiet --verify 'refs/tags/${tag}' >/dev/null && exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
tree=$(git rev-parse 'main^{tree}')
commit=$(echo rival | git -c user.name=r -c user.email=r@r commit-tree "$tree")
git -c user.name=r -c user.email=r@r tag -a -m "Rival

${trailers}" '${tag}' "$commit"`,
    );

  test('the next version is taken when a tag appeared meanwhile', async () => {
    await project.train('one');
    await rival('flight-delay@v1.0.0', 'Model-Digest: sha256:other');
    const step = await project.register();
    expect(step.outputs).toMatchObject({ 'reason-code': 'ok', version: 'v2.0.0', created: 'true' });
    expect(await project.repository.tags()).toEqual(['flight-delay@v1.0.0', 'flight-delay@v2.0.0']);
  });

  test('an explicit version that appeared meanwhile is superseded', async () => {
    await project.train('one');
    await rival('flight-delay@v3.0.0', 'Model-Digest: sha256:other');
    const step = await project.register({ version: 'v3.0.0' });
    expect(step.outputs).toMatchObject({ decision: 'fail', 'reason-code': 'superseded' });
    expect(await project.repository.tags()).toEqual(['flight-delay@v3.0.0']);
  });

  test('the same bytes that appeared meanwhile are already registered', async () => {
    const digest = await project.train('one');
    await rival('flight-delay@v1.0.0', `Model-Digest: sha256:${digest}`);
    const step = await project.register();
    expect(step.outputs).toMatchObject({
      'reason-code': 'already-registered',
      version: 'v1.0.0',
      created: 'false',
    });
    expect(await project.repository.tags()).toEqual(['flight-delay@v1.0.0']);
  });

  test('SIGTERM before the ledger is written leaves no tag and no half entry', async () => {
    const digest = await project.train('one');
    const step = await project.register({}, { kill: { signal: 'SIGTERM', after: 'Model flight-delay' } });
    expect(step.outputs['reason-code']).toBe('cancelled');
    expect(step.code).toBe(1);
    expect(await project.repository.tags()).toEqual([]);
    expect(await project.repository.git('tag')).toBe('');
    const left = await readdir(path.join(project.store, 'flight-delay/sha256')).catch(() => []);
    expect(left.filter((name) => name !== digest)).toEqual([]);
  });

  test('SIGTERM while the server thinks about the push: it ends, and the step says what is true', async () => {
    await project.train('one');
    await project.repository.hook('pre-receive', 'sleep 1');
    const step = await project.register({}, { kill: { signal: 'SIGTERM', after: 'Pushing' } });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', version: 'v1.0.0' } });
    expect(await project.repository.tags()).toEqual(['flight-delay@v1.0.0']);
  });

  test('SIGTERM while the server does not answer a push that it took: nothing is claimed, and the same run again finds out', async () => {
    await project.train('one');
    await project.repository.hook('post-receive', 'sleep 60');
    const step = await project.register({}, { kill: { signal: 'SIGTERM', after: 'Pushing' } });
    expect(step.outputs['reason-code']).toBe('cancelled');
    expect(step.result['message']).toMatch(
      /^The step was cancelled \(SIGTERM\) while flight-delay@v1\.0\.0, .* was being pushed, .* not known\. Run the step again/,
    );
    await project.repository.hook('post-receive', 'exit 0');
    const again = await project.register();
    expect(again.outputs).toMatchObject({ 'reason-code': 'already-registered', version: 'v1.0.0' });
  });
});

describe('a forge that asks for a token', () => {
  const TOKEN = 'ghs_0123456789abcdef';
  const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
  let server: GitServer;
  beforeEach(async () => {
    await project.repository.remoteGit('config', 'http.receivepack', 'true');
    server = await serveGit(project.repository.root, (authorization) => authorization === `basic ${BASIC}`);
    await project.repository.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    await project.train('one');
  });
  afterEach(() => server.close());

  test('gets it, and no line of the log has it', async () => {
    const step = await project.register(
      { 'github-token': TOKEN },
      { env: { GITHUB_SERVER_URL: server.origin } },
    );
    expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
    const lines = step.stdout.split('\n').filter((line) => line.includes(TOKEN) || line.includes(BASIC));
    expect(lines).toEqual([`::add-mask::${TOKEN}`]);
  });

  test.each([
    ['no token', ''],
    ['another token', 'ghs_other'],
  ])('and gets %s: the permissions to paste are printed', async (_what, token) => {
    const step = await project.register(
      { 'github-token': token },
      { env: { GITHUB_SERVER_URL: server.origin } },
    );
    await expectRefused(project, step, 'no-permission', /permissions:\n {2}contents: write/);
  });
});
