import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT, actionNames } from '../../scripts/generate/actions.ts';
import { sourcesIn } from '@sluice/testing/sources.ts';

const CORE = path.join(ROOT, 'packages', 'core', 'src');

/** What each room of the core may import, as the table in CONTRIBUTING.md has it. */
async function allowedImports(): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const table = text.slice(text.indexOf('<!-- rooms-start -->'), text.indexOf('<!-- rooms-end -->'));
  return new Map(
    [...table.matchAll(/^\| `([a-z0-9]+)` *\|[^|]*\|([^|]*)\|$/gm)].map(([, room = '', allowed = '']) => [
      room,
      [...allowed.matchAll(/`([a-z0-9]+)`/g)].map(([, name = '']) => name),
    ]),
  );
}

test('every room is in the table, and the table has no other', async () => {
  const rooms = new Set((await sourcesIn(CORE)).map(({ file }) => roomOf(path.relative(CORE, file))));
  expect([...(await allowedImports()).keys()].sort()).toEqual([...rooms].sort());
});

test('no two rooms may import each other, however long the way round', async () => {
  const allowed = await allowedImports();
  const reached = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of allowed.get(room) ?? []) if (!seen.has(next)) reached(next, seen.add(next));
    return seen;
  };
  expect([...allowed.keys()].filter((room) => reached(room).has(room))).toEqual([]);
});

test('no room of the core imports what the table does not allow', async () => {
  const allowed = await allowedImports();
  const violations = (await sourcesIn(CORE)).flatMap(({ file, text }) => {
    const own = path.relative(CORE, file);
    const room = roomOf(own);
    return importsOf(file, text)
      .filter((target) => {
        if (target.startsWith('..')) return true;
        const other = roomOf(target);
        return (
          other !== room && !(other === 'action' && room !== 'action') && !allowed.get(room)?.includes(other)
        );
      })
      .map((target) => `${own} imports ${target}`);
  });
  expect(violations).toEqual([]);
});

test('no action imports another', async () => {
  const violations: string[] = [];
  for (const name of await actionNames()) {
    const folder = path.join(ROOT, 'actions', name);
    for (const { file, text } of await sourcesIn(folder)) {
      for (const target of importsOf(file, text).map((one) => path.resolve(CORE, one))) {
        const inside = target.startsWith(folder + path.sep) || target.startsWith(CORE + path.sep);
        if (!inside) violations.push(`${path.relative(ROOT, file)} imports ${path.relative(ROOT, target)}`);
      }
    }
  }
  expect(violations).toEqual([]);
});

test('no files import each other in a circle, types included', async () => {
  const folders = [CORE, ...(await actionNames()).map((name) => path.join(ROOT, 'actions', name))];
  const sources = (await Promise.all(folders.map((folder) => sourcesIn(folder)))).flat();
  const imports = new Map(
    sources.map(({ file, text }) => [file, importsOf(file, text).map((one) => path.resolve(CORE, one))]),
  );
  expect(
    circlesIn(imports).map((circle) => circle.map((file) => path.relative(ROOT, file)).join(' → ')),
  ).toEqual([]);
});

/** One circle for each file that closes one. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) return void circles.push([...way.slice(way.indexOf(file)), file]);
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return circles;
}

function roomOf(target: string): string {
  return target.split(path.sep)[0] ?? '';
}

/** What a file imports of the project, relative to the core; packages from elsewhere are left out. */
function importsOf(file: string, text: string): string[] {
  const places =
    /(?:import|export) (?:type )?[^;'"]*?from '(\.[^']+|@sluice\/core\/[^']+)'|import\('(\.[^']+)'\)/g;
  return [...text.matchAll(places)].map(([, stated, loaded]) => {
    const specifier = stated ?? loaded ?? '';
    const absolute = specifier.startsWith('.')
      ? path.resolve(path.dirname(file), specifier)
      : path.join(CORE, specifier.slice('@sluice/core/'.length));
    return path.relative(CORE, absolute);
  });
}
