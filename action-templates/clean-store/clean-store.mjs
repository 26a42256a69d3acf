// Lists what a store holds of a model and no tag of the ledger names, and removes of that what is named one by one.
// It needs git and node; a store in S3 needs the aws CLI. See README.md beside this file.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const { MODEL = '', STORE = '', REMOVE = '', GITHUB_TOKEN = '' } = process.env;
const { GITHUB_API_URL = 'https://api.github.com', GITHUB_REPOSITORY = '' } = process.env;
const DAY_MS = 86_400_000;
const DIGEST = /^[0-9a-f]{64}$/;

function stop(message) {
  console.error(message);
  process.exit(1);
}

const run = (program, ...args) =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });

/** Every digest in any tag of the model, also in those of versions that are out of use: rather one too many. */
function namedDigests() {
  const refs = `refs/sluice-clean/${randomUUID()}`;
  run('git', 'fetch', '--quiet', '--no-tags', 'origin', `+refs/tags/${MODEL}@*:${refs}/${MODEL}@*`);
  try {
    const messages = run('git', 'for-each-ref', '--format=%(contents)', refs);
    if (messages.trim() === '')
      stop(
        `This repository has no tag of ${MODEL}. Is it the one whose models are in ${STORE}? Nothing was done.`,
      );
    return new Set(messages.match(/\b[0-9a-f]{64}\b/g));
  } finally {
    for (const ref of run('git', 'for-each-ref', '--format=%(refname)', refs).split('\n').filter(Boolean))
      run('git', 'update-ref', '-d', ref);
  }
}

/** A rollout that is running, or that died, may need what it has begun with. */
function requireNoRollout() {
  const journals = run('git', 'ls-remote', 'origin', `refs/sluice/rollouts/${MODEL}/*`).trim();
  if (journals !== '')
    stop(
      `A rollout of ${MODEL} is running or died:\n${journals}\nRun this again when it has ended; the next deploy or rollback ends one that died.`,
    );
}

/** What a store can be asked for: its entries with the time of their last change in ms, and to remove one. */
function openStore() {
  const [, scheme, rest] = /^([a-z0-9]+):(.*)$/s.exec(STORE) ?? [];
  if (scheme === 'dir') return folder(path.join(rest.replace(/^\/\/(?=\/)/, ''), MODEL, 'sha256'));
  if (scheme === 's3') return bucket(rest);
  if (scheme === 'release') return releases(rest || GITHUB_REPOSITORY);
  return stop(
    `The store is '${STORE}'. This knows dir:/path, s3://bucket/prefix and release:; for mlflow: see README.md.`,
  );
}

function folder(root) {
  const newest = (file) => {
    const info = statSync(file);
    const below = info.isDirectory() ? readdirSync(file).map((name) => newest(path.join(file, name))) : [];
    return Math.max(info.mtimeMs, ...below);
  };
  return {
    entries: () =>
      readdirSync(root)
        .filter((name) => DIGEST.test(name))
        .map((digest) => ({ digest, changed: newest(path.join(root, digest)) })),
    remove(digest) {
      // Under this name the store sweeps it, should this be killed.
      const dead = path.join(root, `.dead.${randomUUID()}`);
      renameSync(path.join(root, digest), dead);
      rmSync(dead, { recursive: true });
    },
  };
}

function bucket(rest) {
  const [, name, prefix] =
    /^\/\/([^/]+)\/?(.*?)\/?$/s.exec(rest) ?? stop(`The store is '${STORE}'. Write s3://bucket/prefix.`);
  const root = `${prefix === '' ? '' : `${prefix}/`}${MODEL}/sha256/`;
  return {
    entries() {
      const query = 'Contents[].[Key,LastModified]';
      const args = [
        's3api',
        'list-objects-v2',
        '--bucket',
        name,
        '--prefix',
        root,
        '--query',
        query,
        '--output',
        'json',
      ];
      const changed = new Map();
      for (const [key, time] of JSON.parse(run('aws', ...args)) ?? []) {
        const digest = key.slice(root.length).split('/')[0];
        if (DIGEST.test(digest)) changed.set(digest, Math.max(changed.get(digest) ?? 0, Date.parse(time)));
      }
      return [...changed].map(([digest, time]) => ({ digest, changed: time }));
    },
    remove: (digest) =>
      void run('aws', 's3', 'rm', '--recursive', '--only-show-errors', `s3://${name}/${root}${digest}/`),
  };
}

function releases(repository) {
  const ask = async (method, where) => {
    const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${GITHUB_TOKEN}` };
    const answer = await fetch(`${GITHUB_API_URL}/repos/${repository}/${where}`, { method, headers });
    if (!answer.ok) stop(`${method} ${where}: GitHub answers ${answer.status} ${await answer.text()}`);
    return method === 'GET' ? answer.json() : undefined;
  };
  const root = `${MODEL}/sha256/`;
  const ids = new Map();
  return {
    async entries() {
      const found = [];
      for (let page = 1; ; page++) {
        const some = await ask('GET', `releases?per_page=100&page=${page}`);
        for (const { id, draft, tag_name: tag, published_at: at, assets } of some) {
          const digest = tag.slice(root.length);
          if (draft || !tag.startsWith(root) || !DIGEST.test(digest)) continue;
          ids.set(digest, id);
          const times = [at, ...assets.map((asset) => asset.updated_at)].map((time) => Date.parse(time));
          found.push({ digest, changed: Math.max(...times) });
        }
        if (some.length < 100) return found;
      }
    },
    async remove(digest) {
      await ask('DELETE', `releases/${ids.get(digest)}`);
      const tag = `refs/tags/${root}${digest}`;
      if (repository === GITHUB_REPOSITORY) run('git', 'push', '--quiet', 'origin', `:${tag}`);
      else console.log(`Its tag is left: git push https://github.com/${repository} :${tag}`);
    },
  };
}

if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(MODEL))
  stop(`The model's name is '${MODEL}'. Write the one of sluice.yaml.`);
const wanted = REMOVE.split(/\s+/)
  .filter(Boolean)
  .map((one) => one.replace(/^sha256:/, ''));
const odd = wanted.find((one) => !DIGEST.test(one));
if (odd !== undefined) stop(`'${odd}' is no digest. Name what the list has, one a line.`);

const store = openStore();
const entries = await store.entries();
// Read after the store: what is registered meanwhile is named, and what is put meanwhile is not looked at.
const named = namedDigests();
const now = Date.now();
const unnamed = entries.filter(({ digest }) => !named.has(digest));
const settled = unnamed.filter(({ changed }) => now - changed > DAY_MS);
const day = (time) => new Date(time).toISOString().slice(0, 10);

console.log(
  `${STORE} has ${entries.length} models of ${MODEL}; tags name ${entries.length - unnamed.length}.`,
);
if (unnamed.length > settled.length)
  console.log(
    `${unnamed.length - settled.length} changed within a day and may be about to be registered; they stay.`,
  );
if (wanted.length === 0) {
  console.log(
    settled.length === 0
      ? 'Nothing is to be removed.'
      : 'No tag names these. To remove some, name them in `remove`:',
  );
  for (const { digest, changed } of settled) console.log(`${digest}  last changed on ${day(changed)}`);
} else {
  requireNoRollout();
  const kept = wanted.filter((digest) => !settled.some((one) => one.digest === digest));
  if (kept.length > 0)
    stop(
      `Nothing was removed: a tag names these, they changed within a day, or they are not there: ${kept.join(', ')}`,
    );
  for (const digest of wanted) {
    await store.remove(digest);
    console.log(`Removed ${digest}.`);
  }
  const late = namedDigests();
  const missed = wanted.filter((digest) => late.has(digest));
  if (missed.length > 0)
    stop(
      `Meanwhile somebody registered ${missed.join(', ')}. Run that pipeline again: register-model brings the bytes back.`,
    );
}
