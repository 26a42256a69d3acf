import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { GitHubDouble } from './github/server.ts';

/** A workflow run, as GitHub starts it. */
export interface StartedRun {
  /** Where the event is written. */
  readonly root: string;
  readonly run: number;
  readonly github: Pick<GitHubDouble, 'env'>;
  /** GITHUB_EVENT_NAME. */
  readonly name: string;
  /** The webhook's payload, as far as it matters. */
  readonly payload: object;
  /** GITHUB_SHA. */
  readonly sha?: string;
  /** GITHUB_REF. */
  readonly ref?: string;
}

/** Environment of a step of the run. */
export async function runFor({
  root,
  run,
  github,
  name,
  payload,
  sha,
  ref,
}: StartedRun): Promise<Record<string, string>> {
  const file = path.join(root, `event-${run}.json`);
  await writeFile(file, JSON.stringify(payload));
  return {
    ...github.env,
    GITHUB_EVENT_PATH: file,
    GITHUB_EVENT_NAME: name,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: String(run),
    ...(sha === undefined ? {} : { GITHUB_SHA: sha }),
    ...(ref === undefined ? {} : { GITHUB_REF: ref }),
  };
}
