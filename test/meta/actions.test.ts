import { describe, expect, test } from '@jest/globals';
import { COMMON_REASONS } from '@sluice/core/action/reasons.ts';
import { COMMON_INPUTS } from '@sluice/core/action/context.ts';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT, actionNames, readDefinition, readMetadata } from '../../scripts/generate/actions.ts';
import { sourcesIn } from '@sluice/testing/sources.ts';

const COMMON_OUTPUTS = ['decision', 'reason-code', 'result', 'evidence'];
const ALWAYS = ['config', 'working-directory', 'model'];
const SENTENCE = /^[A-Z`'"].*\.$/s;

const folders = (await actionNames())
  .map((name) => path.join('actions', name))
  .concat(path.join('action-templates', 'new-action'));

describe.each(folders)('%s', (folder) => {
  const absolute = path.join(ROOT, folder);

  test('inputs in action.yml are those that the code declares', async () => {
    const [{ inputs }, definition] = await Promise.all([readMetadata(absolute), readDefinition(absolute)]);
    const own = Object.keys(inputs).filter((name) => !COMMON_INPUTS.some((common) => common === name));
    expect(own.sort()).toEqual([...definition.inputs].sort());
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(ALWAYS));
  });

  test('common inputs that the code reads are in action.yml', async () => {
    const { inputs } = await readMetadata(absolute);
    const code = (await sourcesIn(absolute)).map(({ text }) => text).join('\n');
    const read = COMMON_INPUTS.filter((name) => code.includes(`inputs['${name}']`));
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(read));
  });

  test('outputs in action.yml are the common ones and those that the code declares', async () => {
    const [{ outputs }, definition] = await Promise.all([readMetadata(absolute), readDefinition(absolute)]);
    expect(Object.keys(outputs).sort()).toEqual([...COMMON_OUTPUTS, ...definition.outputs].sort());
  });

  test('every input says whether it is required and what it is without', async () => {
    const { inputs } = await readMetadata(absolute);
    const unclear = Object.entries(inputs).filter(
      ([, { required, default: fallback }]) => required === (fallback !== undefined),
    );
    expect(unclear).toEqual([]);
    const token = inputs['github-token'] ?? { default: '${{ github.token }}' };
    expect(token.default).toBe('${{ github.token }}');
  });

  test('descriptions are full sentences', async () => {
    const { description, inputs, outputs } = await readMetadata(absolute);
    const all = [
      description,
      ...[...Object.values(inputs), ...Object.values(outputs)].map((x) => x.description),
    ];
    expect(all.filter((text) => !SENTENCE.test(text.trim()))).toEqual([]);
  });

  test('it runs on Node 24, from dist', async () => {
    const { name, author, runs } = await readMetadata(absolute);
    const action = name.replace('Sluice: ', '');
    expect(author).toBe('Sluice');
    expect(runs).toMatchObject({ using: 'node24', main: `../../dist/${action}/main.js` });
  });

  test('every reason code in its code is documented', async () => {
    const { reasons } = await readDefinition(absolute);
    const documented = [...Object.keys(reasons), ...Object.keys(COMMON_REASONS)];
    const used = (await sourcesIn(absolute)).flatMap(({ text }) => reasonCodes(text));
    expect(used.filter((code) => !documented.includes(code))).toEqual([]);
  });

  test('every documented reason code can happen', async () => {
    const { reasons } = await readDefinition(absolute);
    const sources = [
      ...(await sourcesIn(absolute)).filter(({ file }) => !file.endsWith('definition.ts')),
      ...(await sourcesIn(path.join(ROOT, 'packages', 'core', 'src'))),
    ];
    const code = sources.map(({ text }) => text).join('\n');
    expect(Object.keys(reasons).filter((reason) => !code.includes(`'${reason}'`))).toEqual([]);
  });

  test('its README begins with what it does and the smallest YAML that works, and has the tables', async () => {
    const readme = await readFile(path.join(absolute, 'README.md'), 'utf8');
    expect(readme).toMatch(/^# [a-z-]+\n\n[A-Z][^\n]+(\n[^\n]+)*\.\n/);
    const places = [
      '```yaml',
      'ermissions',
      '<!-- inputs-start -->',
      '<!-- outputs-start -->',
      '<!-- reasons-start -->',
    ];
    const positions = places.map((place) => readme.indexOf(place));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });
});

test('a reason code of the shared code is common, or documented by an action', async () => {
  const definitions = await Promise.all(folders.map((folder) => readDefinition(path.join(ROOT, folder))));
  const documented = new Set(
    [COMMON_REASONS, ...definitions.map((d) => d.reasons)].flatMap((r) => Object.keys(r)),
  );
  const sources = await sourcesIn(path.join(ROOT, 'packages', 'core', 'src'));
  const unknown = sources.flatMap(({ file, text }) =>
    reasonCodes(text)
      .filter((code) => !documented.has(code))
      .map((code) => `${path.relative(ROOT, file)}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

/** The reason codes that are written out in a source text. */
function reasonCodes(text: string): string[] {
  const places = /(?:new UserError(?:<[^>]*>)?\(\s*|reasonCode:\s*)'([a-z]+(?:-[a-z]+)*)'/g;
  return [...text.matchAll(places)].map(([, code]) => code ?? '');
}
