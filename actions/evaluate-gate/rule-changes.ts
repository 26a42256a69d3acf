import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { nameWithin } from '@sluice/core/action/paths.ts';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage, isUserError } from '@sluice/core/action/errors.ts';
import { parseLines } from '@sluice/core/action/names.ts';
import { findBaseCommit } from '@sluice/core/baseline/sources/base-commit.ts';
import { configSchema, type Config } from '@sluice/core/config/schema.ts';
import type { PullRequest } from '@sluice/core/forge/event.ts';
import { describeChange, type ChangedRule, type RuleChanges } from '@sluice/core/gate/changed-rules.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { differenceOf, type Difference } from '@sluice/core/ledger/difference.ts';
import { findRemote } from '@sluice/core/ledger/remote.ts';
import { configChanges, fileChanges } from '@sluice/core/review/rule-changes.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import type { INPUTS } from './definition.ts';
import type { GateSettings } from './inputs.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/**
 * What a pull request changes of the rules that judge it, against the commit that it is compared with. A fork's predictions
 * that are judged again are judged by the rules of the base, and a job without a checkout has no files that could differ.
 */
export async function findRuleChanges(
  context: Context,
  settings: GateSettings,
  pull: PullRequest | undefined,
): Promise<RuleChanges> {
  const { directory, env, inputs, signal, log } = context;
  if (pull === undefined || settings.fromFork) return { kind: 'none' };
  try {
    const head = await findCheckedOut(directory);
    if (head === undefined) return { kind: 'none' };
    const token = inputs['github-token'];
    const access = await findRemote({ directory, token, serverUrl: env['GITHUB_SERVER_URL'], signal });
    const base = await findBaseCommit(context, access, pull);
    if ('why' in base) return unknown(`${base.why}.`);
    const top = await inTop(access.top, context);
    const file = configFile(context, settings, top);
    const found = await differenceOf(access, { from: base.commit, to: head, file }, signal);
    if ('why' in found) return unknown(`${base.commit} cannot be fetched (${found.why}).`);
    const changes = changesIn(found, { context, settings, top, file });
    for (const change of changes) log.info(`Changed in this pull request: ${describeChange(change)}`);
    return { kind: 'known', changes };
  } catch (error) {
    if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
    return unknown(errorMessage(error));
  }
}

interface Place {
  readonly context: Context;
  readonly settings: GateSettings;
  /** How a path of the checkout is called from its top. */
  readonly top: InTop;
  /** sluice.yaml, relative to the top. */
  readonly file: string;
}

function changesIn({ paths, before }: Difference, { context, settings, top, file }: Place): ChangedRule[] {
  const { inputs, env } = context;
  const { written, testData, evaluation } = settings;
  const isHere = written.file !== undefined;
  const rules = inputs.rules === undefined ? (written.config.gate?.rules ?? []) : [];
  const whole = (setting: string): ChangedRule[] => [
    { kind: 'file', of: file, setting, before: null, after: null },
  ];
  const ofFile = !paths.includes(file)
    ? []
    : before === undefined
      ? whole('new')
      : !isHere
        ? whole('not there any more')
        : configChanges(parseBefore(before, file), written.config, new Set(Object.keys(inputs)));
  const judging = {
    base: top(testData?.base ?? settings.base),
    testData: testData?.patterns ?? parseLines(inputs.data) ?? [],
    evaluate: evaluation?.command,
    rules,
    workflow: workflowOf(env),
  };
  return [...ofFile, ...fileChanges(paths, judging)];
}

/** A file that this version cannot read has other rules. Throws `bad-config`. */
function parseBefore(text: string, file: string): Config {
  return parseYaml(text, configSchema, { name: `${file} of the base`, reason: 'bad-config' });
}

function configFile({ directory, inputs }: Context, { written }: GateSettings, top: InTop): string {
  return top(written.file ?? path.resolve(directory, inputs.config ?? 'sluice.yaml'));
}

type InTop = (absolute: string) => string;

/** git names the top without links, and a workspace may be reached through one. */
async function inTop(top: string, { workspace }: Context): Promise<InTop> {
  const real = await realpath(workspace);
  return (absolute) => nameWithin(top, path.join(real, path.relative(workspace, absolute)));
}

/** `owner/name/.github/workflows/gate.yml@ref`, if it is a file of this repository. */
function workflowOf({
  GITHUB_WORKFLOW_REF: ref = '',
  GITHUB_REPOSITORY: repository = '',
}: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const [file = ''] = ref.split('@', 1);
  return file.startsWith(`${repository}/`) ? file.slice(repository.length + 1) : undefined;
}

function unknown(why: string): RuleChanges {
  return { kind: 'unknown', why };
}
