// Makes recorded.json beside this file: answers of the real GitHub to requests like ours, as octokit recorded them.
//
//   npm pack @octokit/fixtures@23.1.2 && tar xzf octokit-fixtures-23.1.2.tgz
//   node packages/testing/github/slim-recorded.mjs package/scenarios/api.github.com
//
// Names, numbers and dates in them are octokit's placeholders. Published under the MIT licence.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as path from 'node:path';

const PACKAGE = '@octokit/fixtures@23.1.2';
/** Operations that the double has too, an error, and pages of a list. */
const WANTED = [
  ['create-status', (r) => r.method === 'post'],
  ['errors', () => true],
  ['paginate-issues', () => true],
  ['add-labels-to-issue', (r) => r.path.endsWith('/labels')],
];
/** The headers that the double gives as well. */
const HEADERS = [
  'content-type',
  'link',
  'location',
  'etag',
  'cache-control',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-resource',
  'x-ratelimit-used',
];

const folder = process.argv[2];
if (folder === undefined) throw new Error('Give the path of scenarios/api.github.com.');
const recorded = {};
for (const [scenario, wanted] of WANTED) {
  const file = path.join(folder, scenario, 'normalized-fixture.json');
  recorded[scenario] = JSON.parse(await readFile(file, 'utf8'))
    .filter(wanted)
    .map((r) => ({
      method: r.method.toUpperCase(),
      path: r.path,
      body: r.body === '' ? null : r.body,
      status: r.status,
      headers: Object.fromEntries(
        HEADERS.filter((h) => h in r.headers).map((h) => [h, String(r.headers[h])]),
      ),
      answer: r.response,
    }));
}
const lines = Object.entries(recorded).map(
  ([scenario, answers]) =>
    `\n${JSON.stringify(scenario)}:[${answers.map((a) => `\n${JSON.stringify(a)}`).join(',')}\n]`,
);
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), 'recorded.json');
await writeFile(target, `{"source":${JSON.stringify(PACKAGE)},"recorded":{${lines.join(',')}\n}}\n`);
console.log(`Wrote ${target}.`);
