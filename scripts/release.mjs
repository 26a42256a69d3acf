// Releases the commit that is checked out: version, changelog, commit, tag. Usage: node scripts/release.mjs VERSION [--dry-run]
// Prints the notes. Pushes nothing; .github/workflows/release.yml does, after the tests and with the attestation.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const UNRELEASED = '## Unreleased\n';
const VERSION_FILE = 'packages/core/src/action/version.ts';

/** The changelog with Unreleased as a dated version below an empty Unreleased, and the notes. Throws when there are none. */
export function cutChangelog(text, version, date) {
  const start = text.indexOf(UNRELEASED);
  if (start < 0)
    throw new Error("CHANGELOG.md has no line '## Unreleased'. Add it above the newest version.");
  const from = start + UNRELEASED.length;
  const next = text.indexOf('\n## ', from);
  const notes = text.slice(from, next < 0 ? undefined : next).trim();
  if (!/^[-*] /m.test(notes)) {
    throw new Error(
      'CHANGELOG.md says nothing under Unreleased. Write what changes for users, then release.',
    );
  }
  const rest = next < 0 ? '' : text.slice(next);
  return { text: `${text.slice(0, from)}\n## ${version} - ${date}\n\n${notes}\n${rest}`, notes };
}

/** The tag that moves with releases of one major version: `v1` of `1.2.3`. */
export function majorTag(version) {
  return `v${version.split('.')[0]}`;
}

/** Throws when `version` is none, or not above every version that has a tag of its major version. */
export function checkVersion(version, tags) {
  if (!VERSION.test(version)) {
    throw new Error(`'${version}' is no version. Write three numbers with dots, such as 1.2.3.`);
  }
  if (tags.includes(`v${version}`))
    throw new Error(`v${version} exists. A release is never made again; take the next version.`);
  const major = tags.filter(
    (tag) => VERSION.test(tag.slice(1)) && majorTag(tag.slice(1)) === majorTag(version),
  );
  const newer = major.find((tag) => compare(tag.slice(1), version) > 0);
  if (newer !== undefined) {
    throw new Error(
      `v${version} is older than ${newer}, and ${majorTag(version)} would move back. Take a version above it.`,
    );
  }
}

function compare(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  const differing = x.findIndex((part, index) => part !== y[index]);
  return differing < 0 ? 0 : x[differing] - y[differing];
}

/** A manifest's text with another version; the rest stays byte for byte. */
export function withVersion(text, version) {
  const changed = text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${version}"`);
  if (JSON.parse(changed).version !== version)
    throw new Error('A package.json has no version of its own to change.');
  return changed;
}

/** package-lock.json with another version of the root and of its workspaces. */
export function lockWithVersion(text, version) {
  const lock = JSON.parse(text);
  lock.version = version;
  for (const [name, entry] of Object.entries(lock.packages)) {
    if (name === '' || /^packages\/[^/]+$/.test(name)) entry.version = version;
  }
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** Changes the files of a release, commits and tags. `build` writes dist/. Returns tag, major tag and notes. */
export function release(root, { version, date, dryRun, build }) {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const read = (file) => readFileSync(path.join(root, file), 'utf8');
  const dirty = () => git('status', '--porcelain', '--untracked-files=all');
  refuse(dirty(), 'The checkout has changes. Commit them, or take them away');
  checkVersion(version, git('tag', '--list', 'v*').split('\n'));
  const changelog = cutChangelog(read('CHANGELOG.md'), version, date);
  build();
  refuse(dirty(), 'dist/ is not what the sources build. Run npm run build and commit it');
  const made = { tag: `v${version}`, major: majorTag(version), notes: changelog.notes };
  if (dryRun) return made;
  const write = (file, text) => writeFileSync(path.join(root, file), text);
  write('CHANGELOG.md', changelog.text);
  for (const file of manifests(root)) write(file, withVersion(read(file), version));
  write('package-lock.json', lockWithVersion(read('package-lock.json'), version));
  write(VERSION_FILE, read(VERSION_FILE).replace(/VERSION = '[^']*'/, `VERSION = '${version}'`));
  build();
  git('add', '--all');
  git('commit', '--quiet', '--message', `Release ${version}`);
  git('tag', '--annotate', made.tag, '--message', `Sluice ${version}`);
  git('tag', '--annotate', '--force', made.major, '--message', `Sluice ${version}`);
  return made;
}

function refuse(changes, why) {
  if (changes !== '') throw new Error(`${why}:\n${changes}`);
}

function manifests(root) {
  const packages = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}/package.json`);
  return ['package.json', ...packages.filter((file) => existsSync(path.join(root, file)))];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(fileURLToPath(import.meta.url), '../..');
  const [version = '', option] = process.argv.slice(2);
  const build = () => execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
  const date = new Date().toISOString().slice(0, 10);
  const { notes } = release(root, { version, date, dryRun: option === '--dry-run', build });
  console.log(notes);
}
