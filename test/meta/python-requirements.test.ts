import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../../scripts/generate/actions.ts';

/** The projects of teams, as such teams have them. */
const TEAMS = 'packages/testing/adopt/';
const files = execFileSync('git', ['ls-files', '*.in', '*requirements*.txt'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => !file.startsWith(TEAMS));
const asked = files.filter((file) => file.endsWith('.in'));
const locked = asked.map((file) => file.replace(/\.in$/, '.txt'));

/** The lines of a requirements file, put together where they are continued, without comments. */
function requirements(file: string): string[] {
  return readFileSync(path.join(ROOT, file), 'utf8')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const pinOf = (line: string): string => line.split(/[ ;]/, 1)[0] ?? '';

test('every requirements.txt is made from an .in file', () => {
  expect(locked.length).toBeGreaterThan(0);
  expect(files.filter((file) => file.endsWith('.txt') && !locked.includes(file))).toEqual([]);
  expect(locked.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test.each(locked)('%s has an exact version and digests of every package', (file) => {
  const loose = requirements(file).filter(
    (line) => !/^[a-z0-9-]+(\[[a-z0-9,-]+\])?==[^ ;]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$/.test(line),
  );
  expect(loose).toEqual([]);
});

test.each(asked)('what %s asks for is what is locked', (file) => {
  const pins = new Set(requirements(file.replace(/\.in$/, '.txt')).map(pinOf));
  const wanted = requirements(file).flatMap((line) =>
    line.startsWith('-r ') ? requirements(path.join(path.dirname(file), line.slice(3))) : [line],
  );
  expect(wanted.map(pinOf).filter((pin) => !pins.has(pin))).toEqual([]);
});
