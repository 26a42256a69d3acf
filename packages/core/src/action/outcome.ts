import type { Summary } from '../report/summary.ts';
import type { ReasonCode } from './reasons.ts';

/** What an action found: `fail` is the model's or the data's fault, `error` means we could not find out. */
export type Decision = 'pass' | 'warn' | 'fail' | 'error';

/** What an action's run returns; the run loop turns it into outputs, summary, annotations and exit code. */
export interface Outcome<Reason extends ReasonCode = ReasonCode, Output extends string = string> {
  readonly decision: Decision;
  readonly reasonCode: Reason;
  /** One sentence, shown as the annotation and in `result.message`. */
  readonly message: string;
  readonly model?: string | undefined;
  /** The action's own outputs; the common ones are set by the run loop. */
  readonly outputs: Readonly<Partial<Record<Output, string | number | boolean>>>;
  /** The action's own part of the `result` document. */
  readonly result: Readonly<Record<string, unknown>>;
  /** Absolute path of the in-toto statement written, if any. */
  readonly evidence?: string | undefined;
  /** What the job summary says; without it, the message. */
  readonly summary?: Summary | undefined;
}
