import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { plain } from '../action/log.ts';
import { documentWithoutSecrets } from '../action/secrets.ts';
import type { ForgeApi } from '../forge/api.ts';
import { untilCancelled, withGrace } from '../forge/deadline.ts';
import type { PullRequest, QueuedPull } from '../forge/event.ts';
import { openGitHub } from '../forge/github.ts';
import type { Annotation, CommitMark, Ending } from '../forge/mark.ts';
import { startMark, type Instead } from '../forge/start-mark.ts';
import { COMMENT_LIMIT } from '../report/markdown.ts';
import { fitSections, type Section } from '../report/sections.ts';
import { pointer } from './comment/body.ts';
import { LegComment, runAddress } from './comment/leg-comment.ts';
import { whyInstead, whyNotShown } from './not-shown.ts';
import type { CommentWhen, ReviewSettings } from './settings.ts';
import type { Subject } from './subject.ts';

/** What people are told, wherever they look. */
export interface Announcement {
  readonly ending: Ending;
  /** One line, plain text. */
  readonly title: string;
  readonly sections: readonly Section[];
  readonly annotations: readonly Annotation[];
  /** Whether it fails and somebody acknowledged that. */
  readonly acknowledged: boolean;
  /** Digest of the numbers that fail; `unknown` where nothing could be judged; undefined where nothing fails. */
  readonly failing: string | undefined;
  /** Whether anything changed, failed or warned. */
  readonly news: boolean;
}

/** A forge to ask, which a cancelled step has no use for, and to show the verdict on, which it has to complete. */
interface Forges {
  readonly asking: ForgeApi;
  readonly showing: ForgeApi;
}

/** A pull request that people see, and this step's part of the comment on it. */
export interface ForgePull {
  readonly api: ForgeApi;
  readonly pull: PullRequest;
  readonly comment: LegComment;
}

/** A commit that is on a branch, with no pull request that the run is about. */
export interface ForgeCommit {
  readonly api: ForgeApi;
  readonly commit: string;
  /** Set where the branch is a merge queue's. */
  readonly queued: QueuedPull | undefined;
  readonly model: string;
  readonly matrixKey: string;
}

/** Shows the verdict on the forge. Nothing here can change it: what is refused becomes one warning. */
export class Publisher {
  readonly #context: ActionContext;
  readonly #pull: PullRequest | undefined;
  readonly #settings: ReviewSettings;
  readonly #comment: LegComment | undefined;
  /** Undefined where there is no comment to write. */
  readonly forge: ForgePull | undefined;
  /** Undefined where the run is about a pull request, or nobody can be asked. */
  readonly commit: ForgeCommit | undefined;
  #mark: CommitMark | undefined;
  #instead: Instead | undefined;
  #warned = false;

  private constructor(
    forges: Forges | undefined,
    context: ActionContext,
    subject: Subject,
    settings: ReviewSettings,
  ) {
    this.#context = context;
    this.#settings = settings;
    if (forges === undefined || subject.kind !== 'known') return;
    const { model, matrixKey } = settings;
    const { asking: api, showing } = forges;
    const { pull, queued, headSha: commit } = subject;
    this.#pull = pull;
    if (pull === undefined) {
      this.commit = { api, commit, queued, model, matrixKey };
    } else if (settings.comment !== 'never') {
      const identity = { model, key: matrixKey, env: context.env };
      this.#comment = new LegComment(showing, pull, identity);
      this.forge = { api, pull, comment: new LegComment(api, pull, identity) };
    }
  }

  /** Creates the check run in progress, so that an earlier conclusion does not stand while this run works. */
  static async open(context: ActionContext, settings: ReviewSettings, subject: Subject): Promise<Publisher> {
    const { env, log } = context;
    const forges = settings.dryRun ? undefined : await openForges(context);
    if (forges === undefined) {
      log.info(
        settings.dryRun
          ? 'Dry run: the verdict is in the summary only; no comment and no check run are written.'
          : 'No token or no repository name: the verdict is in the summary only.',
      );
    }
    const publisher = new Publisher(forges, context, subject, settings);
    if (forges !== undefined && subject.kind === 'known') {
      const { headSha } = subject;
      await publisher.#attempt('write the check run', async () => {
        const request = { name: settings.checkName, headSha, detailsUrl: runAddress(env) };
        publisher.#mark = await startMark(forges.showing, request, (instead) => {
          publisher.#instead = instead;
          log.notice(whyInstead(instead, settings.checkName));
        });
      });
    }
    return publisher;
  }

  /** Whether labels mean what they mean on GitHub; Gitea and Forgejo tell in another form who set one. */
  get tellsWhoLabelled(): boolean {
    return this.#instead?.kind !== 'no-check-runs';
  }

  /** Completes the check run and writes the comment; a cancelled run leaves the comment to the next one. */
  async announce(found: Announcement): Promise<void> {
    const announcement = { ...documentWithoutSecrets(found), title: plain(found.title) };
    const text = fitSections(
      announcement.sections,
      COMMENT_LIMIT - 200,
      pointer(runAddress(this.#context.env)),
    );
    const { ending, title, annotations } = announcement;
    const mark = this.#mark;
    if (mark !== undefined) {
      await this.#attempt('complete the check run', () =>
        mark.complete({ ending, title, summary: text, annotations }),
      );
    }
    const comment = this.#comment;
    if (comment === undefined || ending === 'cancelled') return;
    await this.#attempt('write the comment', () => this.#writeComment(comment, ending, announcement));
  }

  async #writeComment(
    comment: LegComment,
    ending: Exclude<Ending, 'cancelled'>,
    announcement: Announcement,
  ): Promise<void> {
    const { acknowledged, failing, sections: report } = announcement;
    const state = acknowledged ? 'accepted' : ending;
    const written = await comment.write(
      { state, report, failing },
      wantsComment(this.#settings.comment, announcement),
    );
    const { log } = this.#context;
    switch (written.kind) {
      case 'written':
        log.info(`Comment: ${written.address}`);
        break;
      case 'overtaken':
        log.info(`A later run has written its verdict into the comment: ${written.address}`);
        break;
      case 'key-taken':
        log.warning(
          `Another step of this run judges '${this.#settings.model}' too, and the comment shows its verdict, which is worse. Give each job of a matrix a name of its own, such as matrix-key: \${{ strategy.job-index }}.`,
          { title: 'evaluate-gate: not shown on GitHub' },
        );
        break;
      case 'not-wanted':
    }
  }

  /** One warning per run, however much was refused. */
  async #attempt(what: string, effect: () => Promise<void>): Promise<void> {
    try {
      await effect();
    } catch (error) {
      this.#context.log.debug(`Could not ${what}: ${errorMessage(error)}`);
      if (this.#warned) return;
      this.#warned = true;
      const { env, log, signal } = this.#context;
      const why = whyNotShown(error, {
        what: this.#instead === undefined ? what : what.replace('check run', 'commit status'),
        server: env['GITHUB_SERVER_URL'],
        fork: this.#pull?.fork === true,
        instead: this.#instead,
        cancelled: signal.aborted,
      });
      log.warning(why, { title: 'evaluate-gate: not shown everywhere' });
    }
  }
}

async function openForges({ env, inputs, signal }: ActionContext): Promise<Forges | undefined> {
  const token = inputs['github-token'];
  const asking = await openGitHub(env, token, untilCancelled(signal));
  const showing = await openGitHub(env, token, withGrace(signal));
  return asking && showing && { asking, showing };
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
