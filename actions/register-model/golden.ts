import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { makeFolderBelow } from '@sluice/core/action/below.ts';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { LIMITS, readBounded } from '@sluice/core/action/limits.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { askModel } from '@sluice/core/measuring/model-command.ts';
import { RECORDED_GOLDEN, jsonLines, writeGolden } from '@sluice/core/serving/golden.ts';
import type { Reason } from './definition.ts';
import type { RegisterSettings } from './inputs.ts';
import { identify } from './model.ts';

/** Golden requests with the model's own answers. */
export interface RecordedGolden {
  readonly text: string;
  readonly requests: number;
  /** Hex, of the text. */
  readonly sha256: string;
}

/** Each is asked, one after the other, when the version is deployed. */
const MOST_REQUESTS = 1000;

/**
 * Asks the model itself what the golden requests get; undefined where none are named. Throws `bad-input` for requests that are
 * none, and `command-failed` for a command that fails or does not answer each request, or that leaves another model behind.
 */
export async function recordGolden(
  context: Pick<ActionContext, 'workspace' | 'env' | 'log' | 'signal'>,
  { golden, modelPath, evidencePath }: Pick<RegisterSettings, 'golden' | 'modelPath' | 'evidencePath'>,
  modelDigest: string,
): Promise<RecordedGolden | undefined> {
  if (golden === undefined) return undefined;
  const { requests, command, name, base, tolerance } = golden;
  const inputs = await readRequests(requests.file, requests.what);
  const answers = path.join(path.dirname(evidencePath), 'golden', 'answers.jsonl');
  await makeFolderBelow(context.workspace, path.dirname(answers));
  const written = await askModel(context, {
    place: `${name}.predict`,
    command,
    cwd: base,
    values: { 'model-path': modelPath, requests: requests.file, answers },
    written: { placeholder: 'answers', what: 'answers' },
    root: context.workspace,
    title: 'Record golden requests',
    purpose: `answer ${inputs.length} golden requests`,
  });
  if ((await identify(modelPath)).sha256 !== modelDigest)
    throw failed(
      `The command of ${name}.predict changed the model ${modelPath}. Let it only read the model.`,
    );
  const outputs = await readAnswers(written, `${name}.predict`, inputs.length);
  const pairs = inputs.map((input, index) => ({ input, output: outputs[index] ?? '' }));
  const text = writeGolden(pairs, tolerance);
  context.log.info(
    `The model answered ${inputs.length} golden requests; they are kept as ${RECORDED_GOLDEN}.`,
  );
  return { text, requests: inputs.length, sha256: sha256(text) };
}

async function readRequests(file: string, what: string): Promise<string[]> {
  const name = `${what} (${file})`;
  const bytes = await readBounded(file, { name, reason: 'bad-input', limit: LIMITS.records });
  const { lines, fault } = jsonLines(bytes.toString('utf8'));
  const refuse = (problem: string): UserError =>
    new UserError<Reason>(
      'bad-input',
      `${name} ${problem}. Write one request a line, as JSON that the model server gets, such as {"distance": 1400}.`,
    );
  if (fault !== undefined) throw refuse(`is not JSON in line ${fault.line}`);
  if (lines.length === 0) throw refuse('holds no request');
  if (lines.length > MOST_REQUESTS)
    throw refuse(`holds ${lines.length} requests; at most ${MOST_REQUESTS} are recorded`);
  return lines.map(({ text }) => text);
}

async function readAnswers(file: string, place: string, wanted: number): Promise<string[]> {
  const { lines, fault } = jsonLines(await readFile(file, 'utf8'));
  if (fault !== undefined)
    throw failed(
      `The command of ${place} wrote an answer that is not JSON in line ${fault.line} of ${file}: ${fault.text.slice(0, 80)}. Write one line of JSON for each request; NaN and Infinity are none.`,
    );
  if (lines.length !== wanted)
    throw failed(
      `The command of ${place} wrote ${lines.length} answers to ${wanted} requests (${file}). Write one line of JSON for each request, in the same order.`,
    );
  return lines.map(({ text }) => text);
}

const failed = (message: string): UserError => new UserError<Reason>('command-failed', message);
