import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import type { ForgeApi } from '@sluice/core/forge/api.ts';
import { writeComment } from '@sluice/core/forge/comment.ts';
import type { PullRequest } from '@sluice/core/forge/event.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import type { Annotation, CommitMark, Ending } from '@sluice/core/forge/mark.ts';
import { startMark, type Instead } from '@sluice/core/forge/start-mark.ts';
import { COMMENT_LIMIT } from '@sluice/core/report/markdown.ts';
import { fitSections, type Section } from '@sluice/core/report/sections.ts';
import type { CommentWhen, GateSettings } from './inputs.ts';
import { whyInstead, whyNotShown } from './not-shown.ts';

/** What people are told, wherever they look. */
export interface Announcement {
  readonly ending: Ending;
  /** One line, plain text. */
  readonly title: string;
  readonly sections: readonly Section[];
  readonly annotations: readonly Annotation[];
  /** Whether anything changed, failed or warned. */
  readonly news: boolean;
}

/** Shows the verdict on the forge. Nothing here can change it: what is refused becomes one warning. */
export class Publisher {
  readonly #api: ForgeApi | undefined;
  readonly #context: ActionContext;
  readonly #pull: PullRequest | undefined;
  readonly #settings: Pick<GateSettings, 'model' | 'comment' | 'checkName'>;
  #mark: CommitMark | undefined;
  #instead: Instead | undefined;
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
        const request = { name: settings.checkName, headSha, detailsUrl: runAddress(env) };
        publisher.#mark = await startMark(api, request, (instead) => {
          publisher.#instead = instead;
          log.notice(whyInstead(instead, settings.checkName));
        });
      });
    }
    return publisher;
  }

  /** Completes the check run and writes the comment; a cancelled run leaves the comment to the next one. */
  async announce(announcement: Announcement): Promise<void> {
    const pointer = `The report is longer than GitHub shows here. All of it is in the job summary${this.#runLink()} and in .sluice/gate/report.md.`;
    const text = fitSections(announcement.sections, COMMENT_LIMIT - 200, pointer);
    const { ending, title, annotations } = announcement;
    const mark = this.#mark;
    if (mark !== undefined) {
      await this.#attempt('complete the check run', () =>
        mark.complete({ ending, title, summary: text, annotations }),
      );
    }
    const pull = this.#pull;
    const api = this.#api;
    if (api === undefined || pull === undefined || this.#settings.comment === 'never') return;
    if (ending === 'cancelled') return;
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
      const { env, log } = this.#context;
      const why = whyNotShown(error, {
        what: this.#instead === undefined ? what : what.replace('check run', 'commit status'),
        server: env['GITHUB_SERVER_URL'],
        fork: this.#pull?.fork === true,
        instead: this.#instead,
      });
      log.warning(why, { title: 'evaluate-gate: not shown everywhere' });
    }
  }
}

function wantsComment(when: CommentWhen, { ending, news }: Announcement): boolean {
  switch (when) {
    case 'always':
      return true;
    case 'on-change':
      return news;
    case 'on-failure':
      return ending === 'fail' || ending === 'error';
    case 'never':
      return false;
  }
}

function runAddress(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined;
}
