import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { planAssignment } from '@sluice/core/ledger/assignment.ts';
import { withTrailers } from '@sluice/core/ledger/plan.ts';
import { planRegistration } from '@sluice/core/ledger/registration.ts';
import { openLedger, type Ledger } from '@sluice/core/ledger/repository.ts';
import { planRollback } from '@sluice/core/ledger/rollback.ts';
import { BIN } from './python.ts';

// Every call of gto takes a second.
jest.setTimeout(120_000);

const GTO = path.join(BIN, 'gto');

let repository: TestRepository;
let ledger: Ledger;
beforeEach(async () => {
  repository = await createRepository();
  ledger = await openLedger({ directory: repository.workspace, log: silentLog });
});
afterEach(() => repository.remove());

/** Runs gto in a full clone and returns what it printed. */
async function gto(directory: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const { stdout } = await promisify(execFile)(GTO, args, { cwd: directory, env });
  return stdout;
}
const gtoJson = async <T>(directory: string, ...args: string[]): Promise<T> =>
  JSON.parse(await gto(directory, ...args, '--json')) as T;

/** Tags tell the time in whole seconds, and gto orders them by it. */
async function nextSecond(): Promise<void> {
  const second = (): number => Math.floor(Date.now() / 1000);
  for (const now = second(); second() === now;) await sleep(20);
}

interface Shown {
  readonly version: string;
  readonly commit_hexsha: string;
  readonly is_active: boolean;
}

describe('gto', () => {
  test('reads a history that we wrote as we read it', async () => {
    const register = async (digest: string) => {
      const commit = await ledger.head();
      await ledger.write('m', (state) =>
        planRegistration(
          state,
          {
            commit,
            modelDigest: digest.repeat(64),
            passportDigest: '0'.repeat(64),
            store: 'dir:/s',
            sluiceVersion: '0',
            version: { bump: 'major' },
          },
          new Date(),
        ),
      );
    };
    const assign = (environment: string, version: string) =>
      ledger.write('m', (state) => {
        const wish = {
          environment,
          version,
          reason: 'because',
          releaseQuarantine: false,
          releaseHold: false,
        };
        return withTrailers(planAssignment(state, wish, new Date()), [['Forced', 'the deploy to v9.0.0']]);
      });
    await register('a');
    await register('b');
    await repository.commit('Go on');
    await register('c');
    for (const version of ['v1.0.0', 'v2.0.0', 'v3.0.0']) await assign('production', version);
    await assign('staging', 'v3.0.0');
    for (const expected of ['v2.0.0', 'v1.0.0']) {
      const { plan } = await ledger.write('m', (state) =>
        planRollback(
          state,
          {
            environment: 'production',
            reason: 'bad',
            releaseQuarantine: false,
            hold: false,
            bytesPresent: () => true,
          },
          new Date(),
        ),
      );
      expect(plan).toMatchObject({ version: expected });
    }
    const ours = await ledger.read('m');
    const clone = await repository.clone();
    const [versions, production, staging, history] = await Promise.all([
      gtoJson<Shown[]>(clone, 'show', 'm'),
      gtoJson<Shown[]>(clone, 'show', 'm#production', '--sort', 'timestamp'),
      gtoJson<Shown[]>(clone, 'show', 'm#staging', '--sort', 'timestamp'),
      gtoJson<{ event: string; ref: string; version: string }[]>(clone, 'history', 'm'),
    ]);
    const theirs = versions.map((v) => `${v.version} ${v.commit_hexsha}`).sort();
    expect(theirs).toEqual(ours.versions.map((v) => `${v.version} ${v.commit}`));
    expect(production.map((v) => v.version)).toEqual(['v1.0.0']);
    expect(ours.environments.get('production')?.live?.version).toBe('v1.0.0');
    expect(staging.map((v) => v.version)).toEqual(['v3.0.0']);
    const told = history.filter((e) => ['assignment', 'unassignment'].includes(e.event)).reverse();
    const recorded = [...ours.environments.values()].flatMap((e) => e.history);
    expect(told.map((e) => `${e.event} ${e.version} ${e.ref}`)).toEqual(
      recorded.sort((a, b) => a.at.getTime() - b.at.getTime()).map((e) => `${e.kind} ${e.version} ${e.tag}`),
    );
  });

  test('writes a history that we read as it does', async () => {
    const steps = [
      ['register', 'm', 'HEAD', '--version', 'v1.0.0'],
      ['assign', 'm', 'HEAD', '--stage', 'production'],
      'commit',
      ['register', 'm', 'HEAD', '--version', 'v1.1.0'],
      ['assign', 'm', 'HEAD', '--stage', 'production'],
      ['assign', 'm', 'HEAD', '--stage', 'staging'],
      ['deprecate', 'm', 'v1.1.0', 'production'],
      'commit',
      ['register', 'm', 'HEAD', '--version', 'v2.0.0'],
      ['deprecate', 'm', 'v2.0.0'],
    ] as const;
    for (const step of steps) {
      if (step === 'commit') await repository.commit('Go on');
      else await gto(repository.workspace, ...step);
      await nextSecond();
    }
    await runGit(repository.workspace, ['push', '--quiet', '--tags', 'origin']);
    const [production, staging, versions] = await Promise.all([
      gtoJson<Shown[]>(repository.workspace, 'show', 'm#production', '--sort', 'timestamp'),
      gtoJson<Shown[]>(repository.workspace, 'show', 'm#staging', '--sort', 'timestamp'),
      gtoJson<Shown[]>(repository.workspace, 'show', 'm'),
    ]);
    const state = await ledger.read('m');
    expect(state.environments.get('production')?.live?.version).toBe(production[0]?.version);
    expect(production[0]?.version).toBe('v1.0.0');
    expect(state.environments.get('staging')?.live?.version).toBe(staging[0]?.version);
    const active = state.versions.filter((v) => v.active).map((v) => v.version);
    expect(active).toEqual(versions.map((v) => v.version).sort());
    expect(state.versions.find((v) => v.version === 'v2.0.0')?.active).toBe(false);
    expect(state.problems).toEqual([]);
  });
});
