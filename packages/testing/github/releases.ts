import { createHash } from 'node:crypto';
import { invalid, notFound, refusal, type Answer } from './answer.ts';
import { exampleOf } from './described.ts';
import { paged } from './paging.ts';
import { reading, writing, type Call, type Permissions, type Routes } from './route.ts';
import { userView, type User } from './users.ts';
import { REPOSITORY, nextId } from './world.ts';

/** A file of a release. */
export interface StoredAsset {
  readonly id: number;
  readonly name: string;
  /** What an upload leaves that dies is not `uploaded`, and has no bytes. */
  state: 'uploaded' | 'open';
  content: Buffer;
  /** What GitHub says of the bytes: what it saw when they were uploaded. */
  said: { readonly size: number; readonly digest: string | null };
}

/** A release; its tag is made when it is published. */
export interface StoredRelease {
  readonly id: number;
  readonly tag: string;
  draft: boolean;
  createdAt: Date;
  readonly assets: StoredAsset[];
}

const MOST_ASSETS = 1000;
const LARGEST_ASSET = 2 ** 31 - 1;

/** The releases of a repository. Bytes come and go on other hosts: see asset-host.ts. */
export class Releases {
  readonly stored: StoredRelease[] = [];
  /** Where the hosts of the bytes are, as answers give it. */
  hosts = { uploads: 'http://127.0.0.1:1', storage: 'http://127.0.0.1:1' };
  /** Whether files of a published release can no longer change. */
  immutable = false;
  readonly #author: User;
  readonly #permissions: () => Permissions;

  constructor(author: User, permissions: () => Permissions) {
    this.#author = author;
    this.#permissions = permissions;
  }

  readonly routes: Routes = {
    'GET /repos/{owner}/{repo}/releases': {
      needs: reading('contents'),
      answer: (call) => {
        const newest = this.#visible().toReversed();
        const { items, headers } = paged(newest, call);
        return { status: 200, body: items.map((one) => this.#view(one)), headers };
      },
    },
    'POST /repos/{owner}/{repo}/releases': {
      needs: writing('contents'),
      answer: (call) => this.#create(call),
    },
    'GET /repos/{owner}/{repo}/releases/tags/{tag}': {
      needs: reading('contents'),
      answer: ({ path }) => this.#answered(this.published(path['tag'] ?? '')),
    },
    'PATCH /repos/{owner}/{repo}/releases/{release_id}': {
      needs: writing('contents'),
      answer: (call) => this.#update(call),
    },
    'DELETE /repos/{owner}/{repo}/releases/{release_id}': {
      needs: writing('contents'),
      answer: ({ path }) => this.#remove(Number(path['release_id'])),
    },
    'GET /repos/{owner}/{repo}/releases/{release_id}/assets': {
      needs: reading('contents'),
      answer: (call) => {
        const release = this.#visible().find(({ id }) => id === Number(call.path['release_id']));
        if (release === undefined) return notFound();
        const { items, headers } = paged(release.assets, call);
        return { status: 200, body: items.map((one) => this.view(one)), headers };
      },
    },
    'GET /repos/{owner}/{repo}/releases/assets/{asset_id}': {
      needs: reading('contents'),
      answer: ({ path }) => {
        const asset = this.asset(Number(path['asset_id']));
        if (asset === undefined) return notFound();
        const location = `${this.hosts.storage}/storage/${asset.id}?sig=${signatureOf(asset)}`;
        return { status: 302, body: undefined, headers: { location } };
      },
    },
    'DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}': {
      needs: writing('contents'),
      answer: ({ path }) => this.#removeAsset(Number(path['asset_id'])),
    },
  };

  published(tag: string): StoredRelease | undefined {
    return this.stored.find((release) => !release.draft && release.tag === tag);
  }

  asset(id: number): StoredAsset | undefined {
    return this.stored.flatMap(({ assets }) => assets).find((asset) => asset.id === id);
  }

  /** Takes a name for an upload; `bytes` are announced. An answer is a refusal. */
  begin(releaseId: number, name: string, bytes: number): StoredAsset | Answer {
    const release = this.stored.find(({ id }) => id === releaseId);
    if (release === undefined) return notFound();
    const given = safeName(name);
    const taken = release.assets.some((asset) => asset.name === given);
    if (taken) return invalid({ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' });
    if (this.immutable && !release.draft)
      return refusal(422, 'Cannot upload assets to an immutable release.');
    if (release.assets.length >= MOST_ASSETS)
      return invalid({ resource: 'ReleaseAsset', code: 'custom', field: 'file_count' });
    if (bytes === 0) return refusal(400, 'Bad Content-Length: 0');
    if (bytes > LARGEST_ASSET) return invalid({ resource: 'ReleaseAsset', code: 'custom', field: 'size' });
    const asset: StoredAsset = {
      id: nextId(),
      name: given,
      state: 'open',
      content: Buffer.alloc(0),
      said: { size: 0, digest: null },
    };
    release.assets.push(asset);
    return asset;
  }

  /** Gives an asset its bytes. */
  complete(asset: StoredAsset, content: Buffer): void {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    Object.assign(asset, { content, state: 'uploaded', said: { size: content.byteLength, digest } });
  }

  view({ id, name, state, said }: StoredAsset): object {
    return exampleOf('release-asset', {
      id,
      name,
      state,
      ...said,
      url: `${REPOSITORY}/releases/assets/${id}`,
      content_type: 'application/octet-stream',
      uploader: userView(this.#author),
    });
  }

  /** Drafts are seen by those who may write. */
  #visible(): StoredRelease[] {
    const writes = this.#permissions().contents === 'write';
    return this.stored.filter((release) => writes || !release.draft);
  }

  #create({ body }: Call): Answer {
    const tag = String(body['tag_name']);
    const draft = body['draft'] === true;
    if (!draft && this.published(tag) !== undefined) return tagTaken();
    const release: StoredRelease = { id: nextId(), tag, draft, createdAt: new Date(), assets: [] };
    this.stored.push(release);
    return { status: 201, body: this.#view(release) };
  }

  #update({ path, body }: Call): Answer {
    const release = this.stored.find(({ id }) => id === Number(path['release_id']));
    if (release === undefined) return notFound();
    const other = this.published(release.tag);
    if (body['draft'] === false && other !== undefined && other !== release) return tagTaken();
    if (body['draft'] === false) release.draft = false;
    return { status: 200, body: this.#view(release) };
  }

  #remove(id: number): Answer {
    const at = this.stored.findIndex((release) => release.id === id);
    if (at < 0) return notFound();
    this.stored.splice(at, 1);
    return { status: 204, body: undefined };
  }

  #removeAsset(id: number): Answer {
    for (const { assets, draft } of this.stored) {
      const at = assets.findIndex((asset) => asset.id === id);
      if (at < 0) continue;
      if (this.immutable && !draft) return refusal(422, 'Cannot delete assets of an immutable release.');
      assets.splice(at, 1);
      return { status: 204, body: undefined };
    }
    return notFound();
  }

  #answered(release: StoredRelease | undefined): Answer {
    return release === undefined ? notFound() : { status: 200, body: this.#view(release) };
  }

  #view(release: StoredRelease): object {
    const { id, tag, draft, createdAt } = release;
    const at = `${createdAt.toISOString().slice(0, 19)}Z`;
    return exampleOf('release', {
      id,
      tag_name: tag,
      name: tag,
      body: null,
      draft,
      prerelease: true,
      target_commitish: 'main',
      created_at: at,
      published_at: draft ? null : at,
      url: `${REPOSITORY}/releases/${id}`,
      html_url: `https://github.com/acme/flights/releases/tag/${draft ? `untagged-${id}` : tag}`,
      upload_url: `${this.hosts.uploads}/repos/acme/flights/releases/${id}/assets{?name,label}`,
      author: userView(this.#author),
      assets: release.assets.map((asset) => this.view(asset)),
    });
  }
}

const tagTaken = (): Answer => invalid({ resource: 'Release', code: 'already_exists', field: 'tag_name' });

/** GitHub renames what has special characters, or points at its ends. */
function safeName(name: string): string {
  return name.replace(/[^\w.@+-]+/g, '.').replace(/^\.+|\.+$/g, '');
}

/** What signs the address of an asset's bytes. */
export function signatureOf({ id }: StoredAsset): string {
  return createHash('sha256').update(`storage ${id}`).digest('hex').slice(0, 16);
}
