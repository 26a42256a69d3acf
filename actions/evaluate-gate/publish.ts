import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { ForgeRefusal, type ForgeApi } from '@sluice/core/forge/api.ts';
import { startCheck, type CheckConclusion, type CheckRun } from '@sluice/core/forge/check-run.ts';
import { writeComment } from '@sluice/core/forge/comment.ts';
import type { PullRequest } from '@sluice/core/forge/event.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import { COMMENT_LIMIT } from '@sluice/core/report/markdown.ts';
import { fitSections, type Section } from '@sluice/core/report/sections.ts';
import type { CommentWhen, GateSettings } from './inputs.ts';

/** A check's title is one line in a list. */
const TITLE_LIMIT = 255;

/** What people are told, wherever they look. */
export interface Announcement {
  readonly conclusion: CheckConclusion;
  /** One line, plain text. */
  readonly title: string;
  readonly sections: readonly Section[];
  /** Whether anything changed, failed or warned. */
  readonly news: boolean;
}

/** Shows the verdict on the forge. Nothing here can change it: what is refused becomes one warning. */
export class Publisher {
  readonly #api: ForgeApi | undefined;
  readonly #context: ActionContext;
  readonly #pull: PullRequest | undefined;
  readonly #settings: Pick<GateSettings, 'model' | 'comment' | 'checkName'>;
  #check: CheckRun | undefined;
  #warned = false;

  private constructor(
    api: ForgeApi | undefined,
    context: ActionContext,
    pull: PullRequest | undefined,
    settings: Pick<GateSettings, 'model' | 'comment' | 'checkName'>,
  ) {
    this.#api = api;
    this.#context = context;
    this.#pull = pull;
    this.#settings = settings;
  }

  /** Creates the check run in progress, so that an earlier conclusion does not stand while this run works. */
  static async open(
    context: ActionContext,
    settings: Pick<GateSettings, 'model' | 'comment' | 'checkName' | 'dryRun'>,
    pull: PullRequest | undefined,
  ): Promise<Publisher> {
    const { env, inputs, log } = context;
    const api = settings.dryRun ? undefined : await openGitHub(env, inputs['github-token']);
    if (api === undefined) {
      log.info(
        settings.dryRun
          ? 'Dry run: the verdict is in the summary only; no comment and no check run are written.'
          : 'No token or no repository name: the verdict is in the summary only.',
      );
    }
    const publisher = new Publisher(api, context, pull, settings);
    const headSha = pull?.headSha ?? env['GITHUB_SHA'];
    if (api !== undefined && headSha) {
      await publisher.#attempt('write the check run', async () => {
        publisher.#check = await startCheck(api, {
          name: settings.checkName,
          headSha,
          detailsUrl: runAddress(env),
        });
      });
    }
    return publisher;
  }

  /** Completes the check run and writes the comment; a cancelled run leaves the comment to the next one. */
  async announce(announcement: Announcement): Promise<void> {
    const pointer = `The report is longer than GitHub shows here. All of it is in the job summary${this.#runLink()} and in .sluice/gate/report.md.`;
    const text = fitSections(announcement.sections, COMMENT_LIMIT - 200, pointer);
    const check = this.#check;
    if (check !== undefined) {
      await this.#attempt('complete the check run', () =>
        check.complete(announcement.conclusion, announcement.title.slice(0, TITLE_LIMIT), text),
      );
    }
    const pull = this.#pull;
    const api = this.#api;
    if (api === undefined || pull === undefined || this.#settings.comment === 'never') return;
    if (announcement.conclusion === 'cancelled') return;
    await this.#attempt('write the comment', async () => {
      const address = await writeComment(api, {
        number: pull.number,
        marker: `<!-- sluice:evaluate-gate:${this.#settings.model} -->`,
        body: text,
        create: wantsComment(this.#settings.comment, announcement),
      });
      if (address !== undefined) this.#context.log.info(`Comment: ${address}`);
    });
  }

  #runLink(): string {
    const address = runAddress(this.#context.env);
    return address === undefined ? '' : ` (${address})`;
  }

  /** One warning per run, however much was refused. */
  async #attempt(what: string, effect: () => Promise<void>): Promise<void> {
    try {
      await effect();
    } catch (error) {
      this.#context.log.debug(`Could not ${what}: ${errorMessage(error)}`);
      if (this.#warned) return;
      this.#warned = true;
      this.#context.log.warning(explanation(what, error, this.#pull?.fork === true), {
        title: 'evaluate-gate: not shown on GitHub',
      });
    }
  }
}

function wantsComment(when: CommentWhen, { conclusion, news }: Announcement): boolean {
  switch (when) {
    case 'always':
      return true;
    case 'on-change':
      return news;
    case 'on-failure':
      return conclusion === 'failure';
    case 'never':
      return false;
  }
}

function explanation(what: string, error: unknown, fork: boolean): string {
  const same = 'The verdict is the same; it is in the job summary.';
  if (!(error instanceof ForgeRefusal)) return `GitHub could not ${what}: ${errorMessage(error)}. ${same}`;
  if (error.status === 401) {
    return `GitHub does not accept the token, so the step could not ${what}. ${same} Remove the input 'github-token' to use the job's own token, or renew it.`;
  }
  if (error.status !== 403 && error.status !== 404) {
    return `GitHub refused to ${what}: ${error.message}. ${same}`;
  }
  if (fork) {
    return `The token may not ${what}, because this pull request comes from a fork and its token may only read. ${same} Nothing needs to be changed.`;
  }
  return `The token may not ${what} (${error.status}). ${same} To see it on the pull request, add to the job:\npermissions:\n  contents: read\n  checks: write\n  pull-requests: write`;
}

function runAddress(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined;
}
