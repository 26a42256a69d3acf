import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import type { UserError } from '../action/errors.ts';
import { CutOffError, download, type Part } from '../transfer/download.ts';
import { NoAnswerError, TooLongError, readText, timeFor, type HttpRequest } from '../transfer/http.ts';
import type { Progress } from '../transfer/progress.ts';
import { MlflowRefusal, MlflowUnavailable, problemOf } from './answer.ts';
import type { MlflowApi } from './api.ts';
import { encodePath, type Place } from './place.ts';

const MISSING = 'RESOURCE_DOES_NOT_EXIST';
/** Silence allowed while a server passes a whole file on, in ms. */
const IDLE_MS = 600_000;
/** Before a download goes on, where the server does not say, in ms. */
const WAIT_MS = 500;

/** A file to download. */
interface Wanted {
  readonly name: string;
  /** Path to write it to; what is there is replaced. */
  readonly to: string;
  /** Its size, or where that is not known the most that it may have. */
  readonly size: { readonly bytes: number } | { readonly most: number };
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file, going on where a connection broke if the server can; undefined when MLflow has none of this name. A
 * file that is shorter or longer than `bytes` now is what there is of it. Throws MlflowRefusal or MlflowUnavailable.
 */
export async function downloadFile(
  api: MlflowApi,
  place: Place,
  wanted: Wanted,
): Promise<{ readonly file: string } | undefined> {
  const { name, to, size, progress, signal } = wanted;
  const most = 'bytes' in size ? size.bytes : size.most;
  const url = addressOf(api, place, name);
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await download({
      to,
      bytes: 'bytes' in size ? size.bytes : undefined,
      withinMs: timeFor(most, IDLE_MS),
      request: (offset, withinMs) => request(api, { url, withinMs, most }, name, offset),
      waitAfter,
      progress,
      signal,
    });
    return { file: to };
  } catch (error) {
    if (error instanceof MlflowRefusal && error.code === MISSING) return undefined;
    // Of another size than its description says: changed, which its digest tells.
    if (error instanceof TooLongError && 'bytes' in size) return { file: to };
    if (!(error instanceof CutOffError)) throw error;
    // The server has no more of it, each time it is asked: the file is shorter than it was, which its digest tells.
    if (error.ended) return { file: to };
    const message = `MLflow at ${api.connection.uri} did not finish the download of ${name}: ${error.message}.`;
    throw new MlflowUnavailable(message, { cause: error });
  }
}

function waitAfter(error: unknown): number | undefined {
  if (error instanceof MlflowUnavailable) return error.waitMs ?? WAIT_MS;
  return error instanceof CutOffError ? WAIT_MS : undefined;
}

async function request(
  api: MlflowApi,
  limits: Pick<HttpRequest, 'url' | 'withinMs' | 'most'>,
  name: string,
  offset: number,
): Promise<Part> {
  const { uri: server, headers } = api.connection;
  const call = `the download of ${name}`;
  try {
    const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const response = await api.http.send({
      method: 'GET',
      ...limits,
      headers: { ...headers, ...range },
      idleMs: IDLE_MS,
    });
    const { status } = response;
    if (status === 200) return { body: response.body, from: 0 };
    const answered = response.headers['content-range'] ?? '';
    if (status === 206 && answered.startsWith(`bytes ${offset}-`))
      return { body: response.body, from: offset };
    const text = await readText(response);
    // The connection had broken after the last byte.
    if (status === 416 && answered === `bytes */${offset}`) return { body: Readable.from([]), from: offset };
    throw refusal({ status, contentType: response.headers['content-type'] ?? '', text }, { call, server });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new MlflowUnavailable(`MLflow at ${server} did not answer ${call}: ${error.message}.`, {
      cause: error,
    });
  }
}

function refusal(...[answer, question]: Parameters<typeof problemOf>): UserError {
  const { status, text } = answer;
  const { call, server } = question;
  if (status === 404 || isMissing(text))
    return new MlflowRefusal('bad-input', MISSING, `MLflow at ${server} has no file for ${call}.`);
  return (
    problemOf(answer, question) ??
    new MlflowRefusal('service-unavailable', '', `MLflow at ${server} answered ${call} with HTTP ${status}.`)
  );
}

/** A local artifact folder answers with an error of the server instead of 404. */
function isMissing(text: string): boolean {
  return /No such artifact|RESOURCE_DOES_NOT_EXIST|does not exist|NoSuchKey/.test(text);
}

/** The addresses that MLflow's own pages read files in a cloud's storage from: the server passes them on. */
function addressOf({ connection }: MlflowApi, place: Place, name: string): string {
  const { base } = connection;
  if (place.kind === 'served')
    return `${base}/api/2.0/mlflow-artifacts/artifacts/${encodePath(`${place.folder}/${name}`)}`;
  if ('run_id' in place.owner)
    return `${base}/get-artifact?${new URLSearchParams({ run_uuid: place.owner.run_id, path: name }).toString()}`;
  const id = encodeURIComponent(place.owner.model_id);
  return `${base}/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files?${new URLSearchParams({ artifact_file_path: name }).toString()}`;
}
