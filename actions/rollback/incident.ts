import { randomUUID } from 'node:crypto';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { withoutSecrets } from '@sluice/core/action/secrets.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { ForgeRefusal } from '@sluice/core/forge/api.ts';
import { untilCancelled } from '@sluice/core/forge/deadline.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import { tellIncident } from '@sluice/core/forge/incident.ts';
import type { Delivery } from '@sluice/core/delivery/delivery.ts';
import { COMMENT_LIMIT, code, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import { fitSections } from '@sluice/core/report/sections.ts';
import { headlineSection, unfolded } from '@sluice/core/report/summary.ts';
import type { RollbackOutcome } from './definition.ts';
import type { Context, RollbackRequest } from './inputs.ts';

const ELSEWHERE = 'This is more than an issue holds. All of it is in the summary of the run.';
/** What is left for the lines that begin an entry. */
const LIMIT = COMMENT_LIMIT - 1_000;

type Asked = Pick<RollbackRequest, 'model' | 'environment' | 'reason'>;

/**
 * Opens the incident issue of the model and environment, or adds to the open one, and names it in the result. Whatever comes of
 * it, the verdict is the same: the traffic is where it is.
 */
export async function withIncident(
  { env, inputs, signal, log }: Context,
  { origin }: Pick<Delivery, 'origin'>,
  request: Asked,
  outcome: RollbackOutcome,
): Promise<RollbackOutcome> {
  try {
    const api = await openGitHub(env, inputs['github-token'], untilCancelled(signal));
    if (api === undefined) {
      log.warning(
        "The incident issue was not written, because there is no token. Leave the input 'github-token' out to use the job's own.",
      );
      return outcome;
    }
    const { model, environment } = request;
    const told = await tellIncident(api, {
      marker: `<!-- sluice:rollback:${model}:${environment} -->`,
      title: titleOf(request, outcome),
      entry: `<!-- sluice:rollback:${sha256(origin.run ?? randomUUID()).slice(0, 16)} -->`,
      text: withoutSecrets(entryOf(request, origin, outcome)),
    });
    log.info(`${told.opened ? 'Opened' : 'Added to'} the incident issue: ${told.address}`);
    const { result, summary } = outcome;
    return {
      ...outcome,
      result: { ...result, issue: told.address },
      ...(summary === undefined
        ? {}
        : {
            summary: { ...summary, rest: [...summary.rest, unfolded(`Incident issue: #${told.number}`)] },
          }),
    };
  } catch (error) {
    log.warning(notWritten(error));
    return outcome;
  }
}

function titleOf({ model, environment }: Asked, { outputs }: RollbackOutcome): string {
  const left = String(outputs['previous-version'] ?? '');
  return `${model} in ${environment}: rolled back${left === '' ? '' : ` from ${left}`}`;
}

/** What was left, what is served, why and who; then what the summary of the job has, in its order. */
function entryOf(
  { reason }: Asked,
  { actor, run }: Delivery['origin'],
  { message, summary, outputs }: RollbackOutcome,
): string {
  const version = (name: 'version' | 'previous-version'): string => {
    const named = String(outputs[name] ?? '');
    return named === '' ? 'no version' : code(named);
  };
  const facts = [
    ['Left', version('previous-version')],
    ['Served now', version('version')],
    ['Why', escapeMarkdown(reason)],
    ['Who', actor === undefined ? 'unknown' : code(actor)],
    ['Run', run === undefined ? 'unknown' : linkTo(run)],
  ];
  const sections = [
    ...(summary === undefined ? [] : [headlineSection(summary.headline, { message, warns: false })]),
    unfolded(table(['', ''], facts), 'verdict'),
    ...(summary?.changed ?? []),
    ...(summary?.rest ?? []),
  ];
  return fitSections(sections, LIMIT, ELSEWHERE);
}

/** A link where the address is a plain one. */
function linkTo(run: string): string {
  return /^https?:\/\/[\w.:-]+(?:\/[\w./-]*)?$/.test(run) ? `[${escapeMarkdown(run)}](${run})` : code(run);
}

const PERMISSIONS = 'permissions:\n  contents: write\n  issues: write';

function notWritten(error: unknown): string {
  const same = 'The rollback is what it is without it.';
  const what = 'The incident issue could not be written';
  if (!(error instanceof ForgeRefusal)) return `${what}: ${errorMessage(error)}. ${same}`;
  const { status } = error;
  if (status === 410)
    return `${what}, because the repository has no issues (410). ${same} Turn them on, or leave 'issue' out.`;
  if (status !== 401 && status !== 403 && status !== 404) return `${what}: ${error.message}. ${same}`;
  return `${what}: the token may not (${status}). ${same} Add to the job:\n${PERMISSIONS}`;
}
