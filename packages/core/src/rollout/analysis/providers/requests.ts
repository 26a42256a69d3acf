import * as z from 'zod/mini';
import { UserError } from '../../../action/errors.ts';
import { parseJson } from '../../../action/json.ts';
import { LIMITS, readBoundedText } from '../../../action/limits.ts';
import { insideWorkspace } from '../../../action/paths.ts';
import type { AnalysisStep } from './kind.ts';

/** A request of the team's that is sent to versions. */
export interface StoredRequest {
  /** What labels are joined by; absent where the file names none. */
  readonly id?: string;
  readonly input: unknown;
}

/** Golden predictions are requests too; what they expect is checked elsewhere. */
const requestLine = z.strictObject({
  id: z.optional(z.union([z.string(), z.number()])),
  input: z.unknown(),
  output: z.optional(z.unknown()),
  tolerance: z.optional(z.unknown()),
  status: z.optional(z.unknown()),
});

/**
 * Parses requests, JSON Lines of `{"input": …, "id"?: …}`; a file of golden predictions will do, of which those that must be
 * refused are left out. Throws `bad-input` with the line of the first fault, and when there is none.
 */
export function parseRequests(text: string, file: string): StoredRequest[] {
  const requests: StoredRequest[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = requestLine.safeParse(parseJson(line));
    if (!parsed.success || !('input' in parsed.data)) {
      throw new UserError(
        'bad-input',
        `${file}:${index + 1} is no request. A line is {"input": …}, with an "id" where labels follow later; a line of golden predictions will do.`,
      );
    }
    const { id, input, status } = parsed.data;
    if (status === undefined) requests.push({ input, ...(id === undefined ? {} : { id: String(id) }) });
  }
  if (requests.length > 0) return requests;
  throw new UserError(
    'bad-input',
    `${file} holds no request that gets a prediction. Write one JSON object a line, such as {"input": {"x": 1}}.`,
  );
}

/** Reads a file of requests below the checkout; `what` is the setting that names it. */
export async function readRequests(
  given: string,
  what: string,
  folder: string,
  { workspace }: Pick<AnalysisStep, 'workspace'>,
): Promise<StoredRequest[]> {
  const file = await insideWorkspace(workspace, folder, given, { what, kind: 'file' });
  return parseRequests(
    await readBoundedText(file, { name: given, reason: 'bad-input', limit: LIMITS.records }),
    given,
  );
}
