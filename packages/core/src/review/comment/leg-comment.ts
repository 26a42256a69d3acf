import { randomBytes } from 'node:crypto';
import { runInAddress } from '../../action/run-url.ts';
import type { ForgeApi } from '../../forge/api.ts';
import { readComment, writeComment, type CommentPlace } from '../../forge/comment.ts';
import type { Shared } from '../../forge/converge.ts';
import type { PullRequest } from '../../forge/event.ts';
import type { Section } from '../../report/sections.ts';
import { sharedLegs } from './body.ts';
import {
  compareLegs,
  onlyLeg,
  type Leg,
  type LegState,
  type Legs,
  type ShownNumbers,
  type Writer,
} from './legs.ts';

/** Whose leg of which model this step writes. */
export interface LegIdentity {
  readonly model: string;
  /** '' without a matrix. */
  readonly key: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** What a step has to say about its leg. */
export interface LegPart {
  readonly state: LegState;
  readonly report: readonly Section[];
  /** Digest of the numbers that fail; `unknown` where nothing could be judged; undefined where nothing fails. */
  readonly failing: string | undefined;
}

/** Where nothing could be judged, the numbers may be what they were. */
export const UNKNOWN = 'unknown';

/** What became of a leg's part of the comment. */
export type Written =
  | { readonly kind: 'written'; readonly address: string }
  /** Another step of this very run has the same key, and its verdict is worse. */
  | { readonly kind: 'key-taken'; readonly address: string }
  /** A later run has judged this leg. */
  | { readonly kind: 'overtaken'; readonly address: string }
  | { readonly kind: 'not-wanted' };

/** One leg's part of the one comment on a pull request about a model. */
export class LegComment {
  readonly #api: ForgeApi;
  readonly #place: CommentPlace;
  readonly #shared: Shared<Legs>;
  readonly #key: string;
  readonly #commit: string;
  readonly #writer: Writer;

  constructor(api: ForgeApi, pull: PullRequest, { model, key, env }: LegIdentity) {
    this.#api = api;
    this.#place = { number: pull.number, marker: `<!-- sluice:evaluate-gate:${model} -->` };
    this.#shared = sharedLegs(model, (run) => runAddress(env, run));
    this.#key = key;
    this.#commit = pull.headSha;
    this.#writer = {
      run: Number(runInAddress(env) ?? 0),
      attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1),
      id: randomBytes(4).toString('hex'),
    };
  }

  /** The failing numbers that the comment shows for this leg. Throws ForgeRefusal or ForgeUnavailable. */
  async shownNumbers(): Promise<ShownNumbers | undefined> {
    const legs = await readComment(this.#api, this.#place, this.#shared);
    return legs?.get(this.#key)?.numbers;
  }

  /** Numbers that have been shown before keep the time at which they were shown first. */
  async #numbersOf(failing: string | undefined): Promise<ShownNumbers | undefined> {
    if (failing === undefined) return undefined;
    const before = await this.shownNumbers();
    if (failing === UNKNOWN || before?.digest === failing) return before;
    return { digest: failing, shown: this.#api.clock ?? new Date() };
  }

  /** Brings this leg up to date. Throws ForgeRefusal or ForgeUnavailable. */
  async write({ state, report, failing }: LegPart, create: boolean): Promise<Written> {
    const numbers = await this.#numbersOf(failing);
    const part = { state, report, ...(numbers === undefined ? {} : { numbers }) };
    const leg: Leg = { ...part, key: this.#key, commit: this.#commit, writer: this.#writer };
    const contribution = { content: onlyLeg(leg), shared: this.#shared, create };
    const written = await writeComment(this.#api, this.#place, contribution);
    if (written === undefined) return { kind: 'not-wanted' };
    const { address, content } = written;
    const held = content.get(this.#key) ?? leg;
    if (compareLegs(held, leg) === 0) return { kind: 'written', address };
    const { run, attempt } = held.writer;
    const isSameRun = run === this.#writer.run && attempt === this.#writer.attempt;
    return { kind: isSameRun ? 'key-taken' : 'overtaken', address };
  }
}

/** Address of a run of this repository, of this one if none is named; undefined outside of one. */
export function runAddress(
  env: Readonly<NodeJS.ProcessEnv>,
  run = Number(runInAddress(env) ?? 0),
): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  return server && repository && run > 0 ? `${server}/${repository}/actions/runs/${run}` : undefined;
}
