import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { ForgeRefusal, type ForgeApi } from '../forge/api.ts';
import { findLabelling, hasLabel, permissionOf, type Labelling } from '../forge/label.ts';
import type { ShownNumbers } from './comment/legs.ts';
import type { ForgePull } from './publish.ts';
import type { GateResult } from '../gate/report/result.ts';

/** Whether a failure is acknowledged. `open`: nobody has tried yet; `why` says why a label does not count. */
export type Acknowledgement =
  | {
      readonly kind: 'acknowledged';
      readonly by: string;
      readonly at: Date;
      readonly label: string;
      /** Digest of the numbers that were acknowledged. */
      readonly numbers: string;
      /** Number of the pull request that has the label. */
      readonly pull: number;
    }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'open'; readonly label: string; readonly landingPull?: number };

/** Where a label is looked for. */
export interface LabelPlace {
  readonly api: ForgeApi;
  /** Number of the pull request. */
  readonly number: number;
  /** The failing numbers that its comment shows. Throws ForgeRefusal or ForgeUnavailable. */
  readonly shown: () => Promise<ShownNumbers | undefined>;
}

/** What is known about a label when its time is judged. */
export interface LabelTime {
  readonly label: string;
  readonly labelling: Labelling | undefined;
  /** The failing numbers that the comment shows. */
  readonly shown: ShownNumbers | undefined;
  /** The numbers that fail now. */
  readonly digest: string;
}

const AGAIN = 'To accept these, take the label off and set it again.';

/** Why a label does not count, as far as the time tells at which it was set; undefined where it does. */
export function whyLabelIsVoid({ label, labelling, shown, digest }: LabelTime): string | undefined {
  if (labelling === undefined) {
    return `The label ${label} is there, but nobody can tell who set it; it may have been renamed. Take it off and set it again.`;
  }
  const set = `The label ${label} was set by ${labelling.login} on ${timeText(labelling.at)}`;
  if (labelling.isApp) {
    return `${set}, which is an app. A person with write permission has to take it off and set it.`;
  }
  if (shown === undefined) return `${set}, before any failing numbers were shown in the comment. ${AGAIN}`;
  if (shown.digest !== digest) return `${set} for other numbers. ${AGAIN}`;
  if (labelling.at.getTime() > shown.shown.getTime()) return undefined;
  return `${set}, before these numbers were shown (${timeText(shown.shown)}). ${AGAIN}`;
}

/** Why the permission of whoever set the label is not enough; undefined where it is. */
export function whyPermissionIsShort(
  label: string,
  login: string,
  permission: string | undefined,
): string | undefined {
  if (permission === 'admin' || permission === 'write') return undefined;
  const known =
    permission === undefined
      ? 'an account that is not known any more'
      : `who has the permission '${permission}'`;
  return `The label ${label} was set by ${login}, ${known}. Somebody with write permission has to take it off and set it.`;
}

/** Asks the forge whether the failing numbers with this digest are acknowledged. What it refuses to say counts as no. */
export async function askForAcknowledgement(
  { log, signal }: ActionContext,
  { api, pull, comment }: ForgePull,
  label: string,
  digest: string,
): Promise<Acknowledgement> {
  try {
    const place = { api, number: pull.number, shown: () => comment.shownNumbers() };
    return await lookForAcknowledgement(place, label, digest);
  } catch (error) {
    signal.throwIfAborted();
    const why = `Whether the failure is accepted could not be asked, so it is not: ${errorMessage(error)}.`;
    log.warning(`${why}${error instanceof ForgeRefusal ? REMEDY : ''}`, {
      title: 'evaluate-gate: not accepted',
    });
    return { kind: 'refused', why };
  }
}

/** Whether the label acknowledges the failing numbers with this digest. Throws ForgeRefusal or ForgeUnavailable. */
export async function lookForAcknowledgement(
  { api, number, shown }: LabelPlace,
  label: string,
  digest: string,
): Promise<Acknowledgement> {
  if (!(await hasLabel(api, number, label))) return { kind: 'open', label };
  const labelling = await findLabelling(api, number, label);
  const late = whyLabelIsVoid({ label, labelling, shown: await shown(), digest });
  if (labelling === undefined || late !== undefined) return { kind: 'refused', why: late ?? '' };
  const { login: by, at } = labelling;
  const short = whyPermissionIsShort(label, by, await permissionOf(api, by));
  if (short !== undefined) return { kind: 'refused', why: short };
  return { kind: 'acknowledged', by, at, label, numbers: digest, pull: number };
}

const REMEDY =
  ' The token must be able to read the labels, the comments and the people of the pull request; add to the job:\npermissions:\n  contents: read\n  checks: write\n  pull-requests: write';

/** `2026-01-02 03:04 UTC` */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What the report says about whether a failure is acknowledged. */
export function acknowledgementNote(acknowledgement: Acknowledgement | undefined): string[] {
  switch (acknowledgement?.kind) {
    case 'refused':
      return [acknowledgement.why];
    case 'open':
      return [
        `Somebody with write permission can accept exactly these numbers: set the label ${acknowledgement.label}${acknowledgement.landingPull === undefined ? '' : ` on pull request ${acknowledgement.landingPull}`} and run this job again.`,
      ];
    case 'acknowledged': {
      const { by, at, label, numbers, pull } = acknowledgement;
      return [
        `What failed was accepted by ${by} on ${timeText(at)} with the label ${label} on pull request ${pull}, for exactly these numbers (${numbers}). Take the label off to take it back.`,
      ];
    }
    case undefined:
      return [];
  }
}

/** Who acknowledged what, as `result` and the statement have it. */
export function acknowledgementEntry(
  acknowledgement: Acknowledgement | undefined,
): GateResult['acknowledgement'] {
  if (acknowledgement?.kind !== 'acknowledged') return null;
  const { by, at, label, numbers, pull } = acknowledgement;
  return { by, label, numbers, at: at.toISOString(), 'pull-request': pull };
}
