// Makes recorded.json beside this file: what a real Gitea answers to the requests of a gate.
//
//   node packages/testing/gitea/record.mjs http://127.0.0.1:3000/api/v1 TOKEN owner/name COMMIT ISSUE
//
// TOKEN is the one that a running job has (`gitea.token`), so that what it writes is written by Gitea's own robot. The
// committed file is of Gitea 1.26.0, built from its Go module, which calls itself `development`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as path from 'node:path';

const [address, token, repository, commit, issue] = process.argv.slice(2);
if (issue === undefined) throw new Error('Give address, token, repository, commit and issue.');
const repo = `/repos/${repository}`;
const answers = [];
const COMMIT = 'a'.repeat(40);

async function ask(method, route, body, given = token) {
  const answer = await fetch(address + route, {
    method,
    headers: { authorization: `token ${given}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  // Of the server's own names none is kept.
  const text = (await answer.text())
    .replaceAll(new URL(address).origin, 'http://gitea.example')
    .replaceAll(repository, 'acme/flights');
  const type = answer.headers.get('content-type');
  const json = type?.startsWith('application/json') ? JSON.parse(text) : undefined;
  answers.push({
    method,
    path: route.replace(repo, '/repos/acme/flights').replace(`/issues/${issue}/`, '/issues/7/'),
    ...(given === token ? {} : { token: given }),
    ...(body === undefined ? {} : { body }),
    status: answer.status,
    type,
    answer: Array.isArray(json) ? json.slice(0, 2) : (json ?? text),
  });
  return json;
}

await ask('POST', `${repo}/check-runs`, { name: 'Sluice: flights', head_sha: commit });
await ask('GET', '/version');
await ask('GET', '/user');
await ask('POST', `${repo}/statuses/${commit}`, {
  state: 'pending',
  context: 'Sluice: flights',
  description: 'Running',
  target_url: 'https://example.com/run',
});
await ask('POST', `${repo}/statuses/${commit}`, {
  state: 'success',
  context: 'Sluice: flights',
  description: 'Done',
});
await ask('POST', `${repo}/statuses/${'0'.repeat(40)}`, { state: 'success', context: 'Sluice: flights' });
const { id } = await ask('POST', `${repo}/issues/${issue}/comments`, { body: 'first' });
await ask('POST', `${repo}/issues/${issue}/comments`, { body: 'second' });
await ask('PATCH', `${repo}/issues/comments/${id}`, { body: 'changed' });
await ask('GET', `${repo}/issues/${issue}/comments?per_page=1&page=2`);
await ask('PATCH', `${repo}/issues/comments/987654`, { body: 'changed' });
await ask('DELETE', `${repo}/issues/comments/${id}`);
await ask('GET', `${repo}/issues/${issue}/comments`, undefined, 'wrong');
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), 'recorded.json');
await writeFile(
  target,
  `{"recorded":[${answers.map((a) => `\n${JSON.stringify(a).replaceAll(commit, COMMIT)}`).join(',')}\n]}\n`,
);
console.log(`Wrote ${target}: ${answers.length} answers.`);
