import { UserError, errorMessage } from '../action/errors.ts';
import { parseJson } from '../action/json.ts';
import { LIMITS, readBounded } from '../action/limits.ts';

/** A request with the answer it must get; `line` is 1-based in `file`. */
export type GoldenCase = { readonly file: string; readonly line: number; readonly input: unknown } & (
  | { readonly expects: 'output'; readonly output: unknown; readonly tolerance: number }
  /** A malformed request that must be refused with a 4xx status. */
  | { readonly expects: 'refusal' }
);

/** Allowed difference of numbers where a case names none: what a change of platform may do to a float. */
const DEFAULT_TOLERANCE = 1e-6;

/** What the requests with a model's own answers are called beside its bytes. */
export const RECORDED_GOLDEN = 'golden.jsonl';

const KEYS = ['input', 'output', 'tolerance', 'status'];

/**
 * Parses golden predictions, JSON Lines of `{"input", "output", "tolerance"?}` or `{"input", "status": 400}`. `file`
 * names the file in messages. Throws `bad-input` with the line of the first fault, and when there is no case at all.
 */
export function parseGolden(text: string, file: string): GoldenCase[] {
  const cases = text
    .split('\n')
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== '')
    .map(({ content, line }) => parseCase(content, file, line));
  if (cases.length > 0) return cases;
  throw new UserError(
    'bad-input',
    `${file} holds no golden predictions. Write one JSON object a line, such as {"input": {"x": 1}, "output": {"prediction": 0}}.`,
  );
}

/** A line of JSON Lines that holds something; `line` is 1-based. */
export interface JsonLine {
  readonly text: string;
  readonly line: number;
}

/** The lines of a text that hold something, and the first of them that is not JSON. */
export function jsonLines(text: string): { readonly lines: readonly JsonLine[]; readonly fault?: JsonLine } {
  const lines = text
    .split('\n')
    .map((content, index) => ({ text: content.trim(), line: index + 1 }))
    .filter((line) => line.text !== '');
  const fault = lines.find((line) => parseJson(line.text) === undefined);
  return { lines, ...(fault === undefined ? {} : { fault }) };
}

/**
 * Golden predictions from requests and the answers to them, one each. Their JSON stays as it was written: a number with more
 * digits than a float has is the same to the server.
 */
export function writeGolden(
  pairs: readonly { readonly input: string; readonly output: string }[],
  tolerance: number | undefined,
): string {
  const end = tolerance === undefined ? '' : `,"tolerance":${tolerance}`;
  return pairs.map(({ input, output }) => `{"input":${input},"output":${output}${end}}\n`).join('');
}

/** Reads golden predictions from a file of the checkout or the model; `shown` names it in messages. */
export async function readGolden(absolute: string, shown: string): Promise<GoldenCase[]> {
  const bytes = await readBounded(absolute, { name: shown, reason: 'bad-input', limit: LIMITS.records });
  return parseGolden(bytes.toString('utf8'), shown);
}

function parseCase(content: string, file: string, line: number): GoldenCase {
  const fault = (what: string): UserError =>
    new UserError(
      'bad-input',
      `${file}:${line}: ${what}. A line is {"input": …, "output": …} with an optional "tolerance", or {"input": …, "status": 400}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw fault(`not JSON (${errorMessage(error)})`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw fault('not a JSON object');
  const unknown = Object.keys(json).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw fault(`unknown key ${JSON.stringify(unknown)}`);
  const given: { input?: unknown; output?: unknown; tolerance?: unknown; status?: unknown } = json;
  if (!('input' in given)) throw fault('"input" is missing');
  if ('output' in given === 'status' in given) throw fault('exactly one of "output" and "status" is needed');
  if ('status' in given) {
    if (isRefusal(given.status)) return { file, line, input: given.input, expects: 'refusal' };
    throw fault(`"status" is ${JSON.stringify(given.status)}; 400 to 499 are allowed`);
  }
  const tolerance = given.tolerance ?? DEFAULT_TOLERANCE;
  if (typeof tolerance !== 'number' || tolerance < 0)
    throw fault(`"tolerance" is ${JSON.stringify(tolerance)}; a number from 0 is allowed`);
  return { file, line, input: given.input, expects: 'output', output: given.output, tolerance };
}

function isRefusal(status: unknown): boolean {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 500;
}
