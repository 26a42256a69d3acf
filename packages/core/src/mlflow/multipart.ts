import * as path from 'node:path';
import * as z from 'zod/mini';
import { MlflowRefusal } from './answer.ts';
import { LONGEST_ANSWER, type MlflowApi } from './api.ts';
import type { FileBody } from '../transfer/http.ts';
import { inParallel } from '../transfer/parallel.ts';
import { encodePath } from './place.ts';
import { putToStorage } from './signed.ts';

const createdSchema = z.object({
  upload_id: z.optional(z.string()),
  credentials: z.array(
    z.object({
      url: z.string(),
      part_number: z.number(),
      headers: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});
type Created = z.infer<typeof createdSchema>;

/** S3 takes parts of 5 MiB and more, and 10,000 of them. */
const PART_BYTES = 64 << 20;
const MOST_PARTS = 10_000;
const AT_ONCE = 4;
const IDLE_MS = 300_000;

/** Sizes of the parts of a file, in order. */
export function partsOf(bytes: number): { readonly start: number; readonly bytes: number }[] {
  const size = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS));
  return Array.from({ length: Math.ceil(bytes / size) }, (_, index) => ({
    start: index * size,
    bytes: Math.min(size, bytes - index * size),
  }));
}

/** Uploads a file in parts straight to the storage behind the server. Returns false when the server cannot do that. */
export async function uploadInParts(api: MlflowApi, target: string, body: FileBody): Promise<boolean> {
  const parts = partsOf(body.bytes);
  const created = await begin(api, target, parts.length);
  if (created === undefined) return false;
  const name = path.posix.basename(target);
  try {
    requireEveryPart(created, parts.length, api.connection.uri);
    const done = await inParallel(
      created.credentials,
      AT_ONCE,
      async ({ url, part_number: number, headers = {} }) => {
        const part = parts[number - 1];
        const what = `${name}, part ${number} of ${parts.length}`;
        const answer = await api.retry(() =>
          putToStorage(api, { url, headers, body: { ...body, ...part }, what }),
        );
        return { part_number: number, etag: String(answer['etag'] ?? ''), url };
      },
    );
    done.sort((a, b) => a.part_number - b.part_number);
    await send(api, 'complete', target, { path: name, upload_id: created.upload_id, parts: done }, 'safe');
    return true;
  } catch (error) {
    // What was uploaded costs storage until it is given up.
    await send(api, 'abort', target, { path: name, upload_id: created.upload_id }, 'safe').catch(
      () => undefined,
    );
    throw error;
  }
}

/** Throws unless the server signed an address for each part, and for nothing else. */
function requireEveryPart({ credentials }: Created, count: number, server: string): void {
  const numbers = new Set(credentials.map(({ part_number: number }) => number));
  const all = Array.from({ length: count }, (_, index) => index + 1).every((number) => numbers.has(number));
  if (all && credentials.length === count) return;
  throw new MlflowRefusal(
    'service-unavailable',
    '',
    `MLflow at ${server} was asked to sign an upload in ${count} parts, and signed ${credentials.length} that are not those. Look at that server.`,
  );
}

async function begin(api: MlflowApi, target: string, count: number): Promise<Created | undefined> {
  try {
    const body = { path: path.posix.basename(target), num_parts: count };
    return z.parse(createdSchema, JSON.parse(await send(api, 'create', target, body, 'safe')));
  } catch (error) {
    // Only some artifact stores know parts; servers before MLflow 2.9 do not know the address either.
    const unknown =
      error instanceof MlflowRefusal && ['NOT_IMPLEMENTED', 'ENDPOINT_NOT_FOUND'].includes(error.code);
    if (unknown) return undefined;
    throw error;
  }
}

async function send(
  api: MlflowApi,
  step: 'create' | 'complete' | 'abort',
  target: string,
  body: object,
  repeat: 'safe' | 'once',
): Promise<string> {
  const folder = path.posix.dirname(target);
  const request = {
    method: 'POST',
    url: `${api.connection.base}/api/2.0/mlflow-artifacts/mpu/${step}/${encodePath(folder)}`,
    headers: { ...api.connection.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    idleMs: IDLE_MS,
    withinMs: IDLE_MS,
    most: LONGEST_ANSWER,
  };
  return (await api.exchange(request, `POST mlflow-artifacts/mpu/${step}`, repeat)).text;
}
