import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { MlflowRefusal, MlflowUnavailable } from './answer.ts';
import { LONGEST_ANSWER, type MlflowApi } from './api.ts';
import { requireUploadAddress } from './upload-address.ts';
import type { Owner, Place } from './place.ts';
import { NoAnswerError, readText, timeFor, type FileBody } from '../transfer/http.ts';

const answerSchema = z.object({
  presigned_url: z.string(),
  headers: z.optional(z.record(z.string(), z.string())),
});

/** Silence allowed while the storage takes a file, in ms. */
const IDLE_MS = 300_000;

/** Puts a file into a cloud's storage, at an address that the server signs. Each attempt gets a fresh one. */
export async function putSigned(
  api: MlflowApi,
  place: Extract<Place, { kind: 'signed' }>,
  name: string,
  body: string | FileBody,
): Promise<void> {
  await api.retry(async () => {
    const { presigned_url: url, headers = {} } = await signedAddress(api, place, name);
    await putToStorage(api, { url, headers, body, what: name });
  });
}

async function signedAddress(
  api: MlflowApi,
  { owner, uri }: Extract<Place, { kind: 'signed' }>,
  name: string,
): Promise<z.infer<typeof answerSchema>> {
  const body: Owner & { path: string } = { ...owner, path: name };
  try {
    return await api.call(
      { method: 'POST', path: 'artifacts/presigned-upload-url', body, repeat: 'safe' },
      answerSchema,
    );
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.reasonCode === 'no-permission') throw error;
    throw new UserError(
      'bad-config',
      `MLflow keeps the artifacts of this experiment in '${uri}' and signs no uploads to it (${error.message}). Start the server with --serve-artifacts and choose another experiment (registry.experiment), or use a server that signs uploads.`,
      { cause: error },
    );
  }
}

/** A PUT to a signed address. The address is a secret for as long as it holds, and stays out of every message. */
export async function putToStorage(
  api: MlflowApi,
  put: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | FileBody;
    readonly what: string;
  },
): Promise<Readonly<Record<string, string | readonly string[] | undefined>>> {
  const { url, headers, body, what } = put;
  requireUploadAddress(put, api.connection.allowsUpload, api.connection.uri);
  const { host } = new URL(url);
  try {
    const withinMs = timeFor(typeof body === 'string' ? body.length : body.bytes, IDLE_MS);
    const request = { method: 'PUT', url, headers, body, idleMs: IDLE_MS, withinMs, most: LONGEST_ANSWER };
    const response = await api.storage.send(request);
    const text = await readText(response);
    const { status } = response;
    if (status >= 200 && status < 300) return response.headers;
    const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1] ?? 'no reason given';
    const message = `The storage ${host} behind MLflow answered the upload of ${what} with HTTP ${status} (${code})`;
    if (status >= 500 || status === 408 || status === 429) throw new MlflowUnavailable(`${message}.`);
    throw new MlflowRefusal(
      status === 401 || status === 403 ? 'no-permission' : 'service-unavailable',
      '',
      `${message}. Look at the access rights of the MLflow server to its artifact store, and at the clocks of both.`,
    );
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new MlflowUnavailable(
      `The storage ${host} behind MLflow did not answer the upload of ${what}: ${error.message}. Check that the runner reaches it.`,
      { cause: error },
    );
  }
}
