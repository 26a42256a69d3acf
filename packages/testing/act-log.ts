import { z } from 'zod';

/** What one step of a run did, as act's JSON log tells it. */
export interface ActStep {
  readonly job: string;
  /** The step's `id:`, or its position in the job. */
  readonly id: string;
  /** The step's `name:`, or its `uses:` or `run:`. */
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'skipped' | 'unfinished';
  readonly seconds: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly ActAnnotation[];
  /** Markdown the step wrote to its summary. */
  readonly summary: string;
  /** The step's own output. */
  readonly output: string;
}

export interface ActAnnotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** One line of `act --json`; what a line is about shows in which keys it has. */
const lineSchema = z.looseObject({
  msg: z.string().default(''),
  job: z.string().optional(),
  jobID: z.string().optional(),
  step: z.string().optional(),
  stepID: z.array(z.string()).optional(),
  stage: z.string().optional(),
  stepResult: z.string().optional(),
  executionTime: z.number().optional(),
  command: z.string().optional(),
  arg: z.string().optional(),
  name: z.string().optional(),
  content: z.string().optional(),
  kvPairs: z.record(z.string(), z.string()).nullish(),
  raw_output: z.boolean().optional(),
});
type Line = z.infer<typeof lineSchema>;

type Draft = { -readonly [Key in keyof ActStep]: ActStep[Key] } & {
  outputs: Record<string, string>;
  annotations: ActAnnotation[];
};

/** Collects the steps of a run from its log, line by line. */
export interface ActLogReader {
  readonly line: (text: string) => void;
  readonly steps: () => ActStep[];
}

/**
 * Reads the JSON log of a run while it is written; `finished` is told of each step that ended.
 * Lines that are not JSON (act prints one on a fatal error) are left out.
 */
export function actLogReader(finished: (step: ActStep) => void = () => undefined): ActLogReader {
  const steps = new Map<string, Draft>();
  return {
    line: (text) => {
      const line = parseLine(text);
      const id = line?.stepID?.[0];
      if (line?.stage !== 'Main' || id === undefined) return;
      const key = `${line.job}/${id}`;
      const step = steps.get(key) ?? newStep(line.jobID ?? '', id, line.step ?? '');
      steps.set(key, step);
      apply(step, line);
      if (line.stepResult !== undefined) finished(step);
    },
    steps: () => [...steps.values()],
  };
}

/** Reads a complete log. */
export function parseActLog(log: string): ActStep[] {
  const reader = actLogReader();
  log.split('\n').forEach(reader.line);
  return reader.steps();
}

function parseLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`act wrote a line that is not understood: ${text}`, { cause });
  }
}

function newStep(job: string, id: string, name: string): Draft {
  return {
    job,
    id,
    name,
    outcome: 'unfinished',
    seconds: 0,
    outputs: {},
    annotations: [],
    summary: '',
    output: '',
  };
}

function apply(step: Draft, line: Line): void {
  if (line.raw_output === true) step.output += line.msg;
  if (line.stepResult !== undefined) {
    step.outcome = outcomeOf(line.stepResult);
    step.seconds = (line.executionTime ?? 0) / 1e9;
  }
  switch (line.command) {
    case 'set-output':
      if (line.name !== undefined) step.outputs[line.name] = line.arg ?? '';
      break;
    case 'summary':
      step.summary += line.content ?? '';
      break;
    case 'error':
    case 'warning':
    case 'notice':
      step.annotations.push({ level: line.command, message: line.arg ?? '', properties: line.kvPairs ?? {} });
      break;
    default:
      break;
  }
}

function outcomeOf(result: string): ActStep['outcome'] {
  if (result === 'success' || result === 'failure' || result === 'skipped') return result;
  throw new Error(`act reports an unknown step result '${result}'.`);
}
