import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isUserError } from '@sluice/core/action/errors.ts';
import { ForgeRefusal, ForgeUnavailable } from '@sluice/core/forge/api.ts';
import type { Deadline } from '@sluice/core/forge/deadline.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import { findLabelling, hasLabel, permissionOf } from '@sluice/core/forge/label.ts';
import { findPull } from '@sluice/core/forge/pull-requests.ts';
import { activeRuns } from '@sluice/core/forge/workflow-runs.ts';
import { openMlflow } from '@sluice/core/mlflow/api.ts';
import { readConnection } from '@sluice/core/mlflow/connection.ts';
import { findExperiment } from '@sluice/core/mlflow/experiments.ts';
import { filesOfLoggedModel } from '@sluice/core/mlflow/listing.ts';
import { getLoggedModel } from '@sluice/core/mlflow/logged-models.ts';
import { getRun } from '@sluice/core/mlflow/runs.ts';
import { findRuns } from '@sluice/core/mlflow/search.ts';
import { aliasTarget, findVersions, getVersion } from '@sluice/core/mlflow/versions.ts';
import { checkGolden, checkReady } from '@sluice/core/serving/checks.ts';
import { parseGolden } from '@sluice/core/serving/golden.ts';
import { serverAt } from '@sluice/testing/serving.ts';
import { httpServer } from '@sluice/core/serving/server.ts';
import { Finding } from './step.ts';

/** What a server answers to every request. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Runs `body` with the address of a server that answers so. */
async function withServer(answer: Answer, body: (url: string) => Promise<unknown>): Promise<void> {
  const server = createServer((_request, response) => {
    _request.resume();
    response.writeHead(answer.status, { 'content-type': answer.type, connection: 'close' });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } catch (error) {
    const isExpected =
      isUserError(error) || error instanceof ForgeRefusal || error instanceof ForgeUnavailable;
    if (!isExpected) throw new Finding('internal', error);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const never = new AbortController().signal;
const HEX = 'c'.repeat(40);

/** One of the questions that the actions ask an MLflow server. */
export async function askMlflow(answer: Answer, which: number): Promise<void> {
  await withServer(answer, (url) => {
    const api = openMlflow(readConnection(url, { MLFLOW_TRACKING_URI: url }));
    const questions = [
      () => findExperiment(api, 'm'),
      () => aliasTarget(api, 'm', 'production'),
      () => findVersions(api, 'm', { key: 'k', value: 'v' }),
      () => getVersion(api, 'm', '3'),
      () => findRuns(api, '1', [{ key: 'k', value: 'v' }]),
      () => getRun(api, 'r'),
      () => getLoggedModel(api, 'm-1'),
      () => filesOfLoggedModel(api, 'm-1'),
    ];
    return (questions[which % questions.length] as (typeof questions)[0])();
  });
}

/** Tries again without waiting. */
const IMPATIENT: Deadline = { signal: never, pause: () => Promise.resolve() };

/** One of the questions that the actions ask a forge. */
export async function askForge(answer: Answer, which: number): Promise<void> {
  await withServer(answer, async (url) => {
    const api = await openGitHub({ GITHUB_REPOSITORY: 'a/b', GITHUB_API_URL: url }, 'ghs_test', IMPATIENT);
    if (api === undefined) throw new Finding('no forge');
    const questions = [
      () => hasLabel(api, 7, 'sluice:accept'),
      () => findLabelling(api, 7, 'sluice:accept'),
      () => findPull(api, { repository: 'a/b', branch: 'x', sha: HEX }),
      () => activeRuns(api, HEX),
      () => permissionOf(api, 'ada'),
    ];
    return (questions[which % questions.length] as (typeof questions)[0])();
  });
}

/** What deploy asks a model server; `golden` is the text of the cases. An answer that is no answer never passes. */
export async function askModelServer(answer: Answer, golden: string): Promise<void> {
  await withServer(answer, async (url) => {
    const server = httpServer(serverAt(url, { requestTimeoutMs: 2000 }));
    const cases = parseGolden(golden, 'golden.jsonl').slice(0, 3);
    await server.version(never);
    const ready = await checkReady(server, 1, { timeoutMs: 1, pauseMs: 1 }, never);
    const checks = await checkGolden(server, cases, never);
    const isError = answer.status >= 400;
    if (
      isError &&
      (ready.verdict === 'pass' || checks.some((c) => c.check === 'golden' && c.verdict === 'pass'))
    )
      throw new Finding(`status ${answer.status} passes: ${JSON.stringify([ready, checks])}`);
  });
}
