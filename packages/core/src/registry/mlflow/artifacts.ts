import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod/mini';
import { UserError, errorMessage } from '../../action/errors.ts';
import { MlflowRefusal, MlflowUnavailable, problemOf } from './answer.ts';
import { withRetries, type MlflowApi } from './api.ts';
import { NoAnswerError, readText } from '../../transfer/http.ts';
import { uploadInParts } from './multipart.ts';
import { putSigned } from './signed.ts';

/** Whose files: those of a run, or of a logged model. */
export type Owner = { readonly run_id: string } | { readonly model_id: string };

/** Where the files of a run or a logged model lie, and how they are reached. */
export type Place =
  /** The server hands the bytes on. */
  | { readonly kind: 'served'; readonly folder: string }
  /** In a cloud's storage; the server signs an address for each file. */
  | { readonly kind: 'signed'; readonly owner: Owner; readonly uri: string };

const MISSING = 'RESOURCE_DOES_NOT_EXIST';
/** Silence allowed while a server passes a whole file on, in ms. */
const IDLE_MS = 600_000;
/** From here on a file goes in parts, where the server can: 100 MB. */
const IN_PARTS_FROM = 100_000_000;

/** Reads an artifact URI of MLflow. Throws UserError `bad-config` for a place that cannot be reached through the server. */
export function placeOf(artifactUri: string, owner: Owner): Place {
  const served = /^mlflow-artifacts:(?:\/\/)?\/(?!\/)(.*)$/.exec(artifactUri);
  if (served?.[1] !== undefined) return { kind: 'served', folder: served[1].replace(/\/+$/, '') };
  if (/^(?:s3|gs|wasbs?|abfss?|r2):/.test(artifactUri)) return { kind: 'signed', owner, uri: artifactUri };
  throw new UserError(
    'bad-config',
    `MLflow keeps the artifacts of this experiment in '${artifactUri}', which cannot be reached through the server. Choose another experiment (registry.experiment), and start the server with --serve-artifacts, so that new experiments begin with mlflow-artifacts:.`,
  );
}

/** Uploads a file under a name below the place; what was there before is replaced. */
export async function uploadFile(api: MlflowApi, place: Place, name: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const body = { file, start: 0, bytes: size };
  if (place.kind === 'signed') return putSigned(api, place, name, body);
  if (size >= IN_PARTS_FROM && (await uploadInParts(api, `${place.folder}/${name}`, body))) return;
  await put(api, place, name, body);
}

/** Uploads a text like a file. */
export async function uploadText(api: MlflowApi, place: Place, name: string, text: string): Promise<void> {
  if (place.kind === 'signed') return putSigned(api, place, name, text);
  await put(api, place, name, text);
}

async function put(
  api: MlflowApi,
  { folder }: Extract<Place, { kind: 'served' }>,
  name: string,
  body: Parameters<typeof putSigned>[3],
): Promise<void> {
  const { base, headers } = api.connection;
  const url = `${base}/api/2.0/mlflow-artifacts/artifacts/${encodePath(`${folder}/${name}`)}`;
  const request = {
    method: 'PUT',
    url,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body,
    idleMs: IDLE_MS,
  };
  await api.exchange(request, `the upload of ${name}`, 'safe');
}

/** Downloads a file; undefined when MLflow has none of this name. What it wrote before a failure is replaced. */
export async function downloadFile(
  api: MlflowApi,
  place: Place,
  name: string,
  to: string,
): Promise<{ readonly file: string } | undefined> {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await withRetries(() => downloadOnce(api, addressOf(api, place, name), name, to), 'safe');
    return { file: to };
  } catch (error) {
    if (error instanceof MlflowRefusal && error.code === MISSING) return undefined;
    throw error;
  }
}

async function downloadOnce(api: MlflowApi, url: string, name: string, to: string): Promise<void> {
  const { uri: server, headers } = api.connection;
  const call = `the download of ${name}`;
  try {
    const response = await api.http.send({ method: 'GET', url, headers, idleMs: IDLE_MS });
    const status = response.statusCode ?? 0;
    if (status === 200) return await pipeline(response, createWriteStream(to));
    const text = await readText(response, 10_000);
    if (status === 404 || isMissing(text))
      throw new MlflowRefusal('bad-input', MISSING, `MLflow at ${server} has no file ${name}.`);
    const contentType = response.headers['content-type'] ?? '';
    throw (
      problemOf({ status, contentType, text }, { call, server }) ??
      new MlflowRefusal(
        'service-unavailable',
        '',
        `MLflow at ${server} answered ${call} with HTTP ${status}.`,
      )
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (!(error instanceof NoAnswerError) && !isCutOff(error)) throw error;
    throw new MlflowUnavailable(`MLflow at ${server} did not finish ${call}: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

/** A local artifact folder answers with an error of the server instead of 404. */
function isMissing(text: string): boolean {
  return /No such artifact|RESOURCE_DOES_NOT_EXIST|does not exist|NoSuchKey/.test(text);
}

function isCutOff(error: unknown): boolean {
  const code = z.object({ code: z.string() }).safeParse(error);
  return (
    code.success &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'].includes(code.data.code)
  );
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

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
