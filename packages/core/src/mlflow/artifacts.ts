import { stat } from 'node:fs/promises';
import type { Progress } from '../transfer/progress.ts';
import { timeFor } from '../transfer/http.ts';
import { LONGEST_ANSWER, type MlflowApi } from './api.ts';
import { uploadInParts } from './multipart.ts';
import { encodePath, type Place } from './place.ts';
import { putSigned } from './signed.ts';

/** Silence allowed while a server passes a whole file on, in ms. */
const IDLE_MS = 600_000;
/** From here on a file goes in parts, where the server can: 100 MB. */
const IN_PARTS_FROM = 100_000_000;

/** Uploads a file under a name below the place; what was there before is replaced. */
export async function uploadFile(
  api: MlflowApi,
  place: Place,
  name: string,
  file: string,
  progress?: Progress,
): Promise<void> {
  const { size } = await stat(file);
  let counted = 0;
  const sent = (bytes: number): void => {
    counted += bytes;
    progress?.add(bytes);
  };
  const body = { file, start: 0, bytes: size, sent };
  if (place.kind === 'signed') await putSigned(api, place, name, body);
  else if (size < IN_PARTS_FROM || !(await uploadInParts(api, `${place.folder}/${name}`, body)))
    await put(api, place, name, body);
  // What had to be sent twice counts once.
  progress?.add(size - counted);
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
    withinMs: timeFor(typeof body === 'string' ? body.length : body.bytes, IDLE_MS),
    most: LONGEST_ANSWER,
  };
  await api.exchange(request, `the upload of ${name}`, 'safe');
}
