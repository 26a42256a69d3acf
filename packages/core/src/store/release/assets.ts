import { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { CutOffError, download } from '../../transfer/download.ts';
import { timeFor } from '../../transfer/http.ts';
import type { Progress } from '../../transfer/progress.ts';
import type { Source } from './bytes.ts';
import { ReleaseRefusal, ReleaseUnavailable, releaseWaits, type ReleaseClient } from './client.ts';

/** A file of a release, as GitHub describes it. */
export const assetSchema = z.object({
  id: z.int(),
  name: z.string(),
  /** Anything but `uploaded` is what an upload left that died. */
  state: z.string(),
  size: z.int(),
  /** `sha256:` and hex; GitHub Enterprise Server may give none. */
  digest: z.optional(z.nullable(z.string())),
});
export type Asset = z.infer<typeof assetSchema>;

/** A release: the tag and the files. */
export const releaseSchema = z.object({
  id: z.int(),
  tag_name: z.string(),
  draft: z.boolean(),
  created_at: z.string(),
  html_url: z.string(),
  upload_url: z.string(),
});
export type GitHubRelease = z.infer<typeof releaseSchema>;

/** Of no bytes, for which GitHub takes no asset. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const PAGE = 100;
/** GitHub takes a thousand files a release. */
const MOST_PAGES = 10;
/** Silence allowed while GitHub stores what it got, in ms. */
const UPLOAD_IDLE_MS = 300_000;
const TRIES = 4;
const nothing = z.any();

/** All files of a release. */
export async function assetsOf(client: ReleaseClient, release: Pick<GitHubRelease, 'id'>): Promise<Asset[]> {
  const found: Asset[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const url = `${client.base}/releases/${release.id}/assets?per_page=${PAGE}&page=${page}`;
    const assets = await client.ask({ method: 'GET', url, headers: {} }, z.array(assetSchema));
    found.push(...assets);
    if (assets.length < PAGE) break;
  }
  return found;
}

/** What was sent: the file as GitHub has it, and the sha256 (hex) of the bytes. */
export interface Uploaded {
  readonly asset: Asset;
  readonly sha256: string;
}

/**
 * Uploads a file to a release that nobody else writes to. Before another try it looks what became of the one before: a
 * file that is whole counts, and what a dead upload left is deleted, because its name is taken.
 */
export async function uploadAsset(
  client: ReleaseClient,
  release: GitHubRelease,
  name: string,
  source: Source,
): Promise<Uploaded> {
  const url = `${release.upload_url.replace(/\{.*$/, '')}?name=${encodeURIComponent(name)}`;
  const headers = { 'content-type': 'application/octet-stream' };
  for (let tries = 1; ; tries++) {
    const { stream, digest } = source.open();
    const body = { stream, bytes: source.bytes };
    try {
      const withinMs = timeFor(source.bytes, UPLOAD_IDLE_MS);
      const call = { method: 'POST', url, headers, body, idleMs: UPLOAD_IDLE_MS, withinMs };
      const asset = await client.send(call, assetSchema);
      const sha256 = digest();
      if (isWhole(asset, source.bytes, sha256)) return { asset, sha256 };
      await deleteAsset(client, asset);
      throw new ReleaseUnavailable(`GitHub stored other bytes of ${name} than were sent`);
    } catch (error) {
      if (tries >= TRIES || !mayRepeat(error)) throw error;
      if (error instanceof ReleaseUnavailable) await client.waitAfter(error);
      const there = (await assetsOf(client, release)).find((asset) => asset.name === name);
      if (there !== undefined) await deleteAsset(client, there);
    }
  }
}

/** Its name is taken: by what a try left whose answer was lost. */
function mayRepeat(error: unknown): boolean {
  return error instanceof ReleaseUnavailable || (error instanceof ReleaseRefusal && error.status === 422);
}

/** Whether GitHub has exactly these bytes, as far as it says. */
export function isWhole(asset: Asset, bytes: number, sha256: string): boolean {
  const told = asset.digest ?? `sha256:${sha256}`;
  return asset.state === 'uploaded' && asset.size === bytes && told === `sha256:${sha256}`;
}

async function deleteAsset(client: ReleaseClient, { id }: Asset): Promise<void> {
  try {
    await client.ask({ method: 'DELETE', url: `${client.base}/releases/assets/${id}`, headers: {} }, nothing);
  } catch (error) {
    if (!(error instanceof ReleaseRefusal) || error.status !== 404) throw error;
  }
}

/** Downloads a file of a release, going on where the connection broke. Every try asks for a fresh address of the bytes. */
export async function downloadAsset(
  client: ReleaseClient,
  asset: Asset,
  to: string,
  options: { readonly progress?: Progress; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const url = `${client.base}/releases/assets/${asset.id}`;
  await download({
    to,
    bytes: asset.size,
    withinMs: timeFor(asset.size, UPLOAD_IDLE_MS),
    ...options,
    async request(offset, withinMs) {
      const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
      const headers = { accept: 'application/octet-stream', ...range };
      const response = await client.open({ url, headers, withinMs, most: asset.size });
      const answered = response.headers['content-range'] ?? '';
      if (response.status === 206 && answered.startsWith(`bytes ${offset}-`))
        return { body: response.body, from: offset };
      if (response.status === 200) return { body: response.body, from: 0 };
      response.discard();
      return { body: Readable.from([]), from: offset };
    },
    waitAfter(error) {
      return error instanceof CutOffError ? 500 : releaseWaits(error, 1);
    },
  });
}
