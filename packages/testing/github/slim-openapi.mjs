// Makes openapi.json beside this file: the operations of GitHub's REST API that the suite uses, as JSON Schema draft-07.
//
//   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//   node packages/testing/github/slim-openapi.mjs package/generated/api.github.com.json
//
// The whole description has 13 MB; it is published by GitHub under the MIT licence.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as path from 'node:path';

const PACKAGE = '@octokit/openapi@23.0.2';
const OPERATIONS = [
  ['get', '/user'],
  ['get', '/repos/{owner}/{repo}/issues'],
  ['post', '/repos/{owner}/{repo}/issues'],
  ['get', '/repos/{owner}/{repo}/issues/{issue_number}/comments'],
  ['post', '/repos/{owner}/{repo}/issues/{issue_number}/comments'],
  ['patch', '/repos/{owner}/{repo}/issues/comments/{comment_id}'],
  ['delete', '/repos/{owner}/{repo}/issues/comments/{comment_id}'],
  ['get', '/repos/{owner}/{repo}/issues/{issue_number}/labels'],
  ['get', '/repos/{owner}/{repo}/issues/{issue_number}/timeline'],
  ['get', '/repos/{owner}/{repo}/collaborators/{username}/permission'],
  ['post', '/repos/{owner}/{repo}/check-runs'],
  ['patch', '/repos/{owner}/{repo}/check-runs/{check_run_id}'],
  ['get', '/repos/{owner}/{repo}/check-runs/{check_run_id}'],
  ['get', '/repos/{owner}/{repo}/commits/{ref}/check-runs'],
  ['get', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls'],
  ['get', '/repos/{owner}/{repo}/actions/runs'],
  ['get', '/repos/{owner}/{repo}/pulls'],
  ['post', '/repos/{owner}/{repo}/statuses/{sha}'],
  ['get', '/repos/{owner}/{repo}/releases'],
  ['post', '/repos/{owner}/{repo}/releases'],
  ['get', '/repos/{owner}/{repo}/releases/tags/{tag}'],
  ['patch', '/repos/{owner}/{repo}/releases/{release_id}'],
  ['delete', '/repos/{owner}/{repo}/releases/{release_id}'],
  ['get', '/repos/{owner}/{repo}/releases/{release_id}/assets'],
  ['post', '/repos/{owner}/{repo}/releases/{release_id}/assets'],
  ['get', '/repos/{owner}/{repo}/releases/assets/{asset_id}'],
  ['delete', '/repos/{owner}/{repo}/releases/assets/{asset_id}'],
  ['post', '/repos/{owner}/{repo}/attestations'],
];

const source = process.argv[2];
if (source === undefined) throw new Error('Give the path of api.github.com.json.');
const text = await readFile(source, 'utf8');
const spec = JSON.parse(text);
const schemas = {};

/** Keywords that carry no constraint. */
const DROPPED = new Set([
  'example',
  'examples',
  'externalDocs',
  'deprecated',
  'discriminator',
  'xml',
  'title',
  'description',
]);

/** OpenAPI 3.0 → draft-07: `nullable`, and without what carries no constraint. `names` keeps property names as they are. */
function convert(node, names = false) {
  if (Array.isArray(node)) return node.map((item) => convert(item));
  if (typeof node !== 'object' || node === null) return node;
  if (!names && typeof node.$ref === 'string') return { $ref: collect(node.$ref) };
  const result = {};
  for (const [key, value] of Object.entries(node)) {
    if (!names && (DROPPED.has(key) || key === 'nullable' || key.startsWith('x-'))) continue;
    result[key] = key === 'enum' ? value : convert(value, !names && key === 'properties');
  }
  if (names || node.nullable !== true) return result;
  if (typeof result.type !== 'string') return { anyOf: [{ type: 'null' }, result] };
  return {
    ...result,
    type: [result.type, 'null'],
    ...(result.enum === undefined || result.enum.includes(null) ? {} : { enum: [...result.enum, null] }),
  };
}

/** Takes a referenced schema along and returns its address in the result. */
function collect(ref) {
  const name = ref.split('/').at(-1);
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = convert(resolve(ref));
  }
  return `#/definitions/${name}`;
}

function resolve(ref) {
  return ref
    .slice(2)
    .split('/')
    .reduce((node, key) => node[key.replaceAll('~1', '/').replaceAll('~0', '~')], spec);
}

const resolved = (node) => (node.$ref === undefined ? node : resolve(node.$ref));
const jsonSchema = (content) => content?.['application/json']?.schema;

const operations = OPERATIONS.map(([method, route]) => {
  const operation = spec.paths[route][method];
  const parameters = [...(spec.paths[route].parameters ?? []), ...(operation.parameters ?? [])]
    .map(resolved)
    .map((p) => ({ name: p.name, in: p.in, required: p.required === true, schema: convert(p.schema) }));
  const body = jsonSchema(resolved(operation.requestBody ?? {}).content);
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const schema = jsonSchema(resolved(response).content);
    return [status, schema === undefined ? null : convert(schema)];
  });
  return {
    method: method.toUpperCase(),
    route,
    documentation: operation.externalDocs.url,
    parameters,
    body: body === undefined ? null : convert(body),
    responses: Object.fromEntries(responses),
  };
});

/** One operation or schema a line, so that a change of one is a change of one line. */
const lines = (values) => values.map((value) => `\n${value}`).join(',');
const definitions = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
const slim = `{"source":${JSON.stringify(`${PACKAGE} generated/api.github.com.json`)},
"sha256":"${createHash('sha256').update(text).digest('hex')}",
"operations":[${lines(operations.map((operation) => JSON.stringify(operation)))}
],
"definitions":{${lines(definitions.map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`))}
}}
`;
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), 'openapi.json');
await writeFile(target, slim);
console.log(`Wrote ${target}: ${operations.length} operations, ${definitions.length} schemas.`);
