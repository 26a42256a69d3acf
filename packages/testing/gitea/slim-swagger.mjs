// Makes swagger.json beside this file: the operations of Gitea's API that the suite uses, as JSON Schema draft-07, in the
// form of ../github/openapi.json.
//
//   go mod download -json code.gitea.io/gitea@v1.26.0      prints the folder of Gitea's source
//   node packages/testing/gitea/slim-swagger.mjs FOLDER/templates/swagger/v1_json.tmpl
//
// Published by Gitea under the MIT licence.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as path from 'node:path';

const SOURCE = 'code.gitea.io/gitea v1.26.0 templates/swagger/v1_json.tmpl';
const OPERATIONS = [
  ['get', '/version'],
  ['get', '/user'],
  ['get', '/repos/{owner}/{repo}/issues/{index}/comments'],
  ['post', '/repos/{owner}/{repo}/issues/{index}/comments'],
  ['patch', '/repos/{owner}/{repo}/issues/comments/{id}'],
  ['delete', '/repos/{owner}/{repo}/issues/comments/{id}'],
  ['post', '/repos/{owner}/{repo}/statuses/{sha}'],
];

const source = process.argv[2];
if (source === undefined) throw new Error('Give the path of v1_json.tmpl.');
const text = await readFile(source, 'utf8');
const spec = JSON.parse(text.replace(/\{\{[^}]*\}\}/g, ''));
const schemas = {};
const DROPPED = new Set(['description', 'title', 'example']);

/** What is a pointer in Go may be null, and Gitea's description does not say so. */
function convert(node, names = false) {
  if (Array.isArray(node)) return node.map((item) => convert(item));
  if (typeof node !== 'object' || node === null) return node;
  if (!names && typeof node.$ref === 'string')
    return { anyOf: [{ type: 'null' }, { $ref: collect(node.$ref) }] };
  const kept = Object.entries(node).filter(([key]) => names || (!DROPPED.has(key) && !key.startsWith('x-')));
  const result = Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'enum' ? value : convert(value, !names && key === 'properties'),
    ]),
  );
  if (!names && ['array', 'object'].includes(result.type)) result.type = [result.type, 'null'];
  // Dates that are not set are null as well.
  if (!names && result.format === 'date-time') result.type = ['string', 'null'];
  return result;
}

function collect(ref) {
  const name = ref.split('/').at(-1);
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = { ...convert(spec.definitions[name]), type: spec.definitions[name].type };
  }
  return `#/definitions/${name}`;
}

const inner = (schema) => (schema?.$ref === undefined ? convert(schema) : { $ref: collect(schema.$ref) });

const operations = OPERATIONS.map(([method, route]) => {
  const { parameters = [], responses } = spec.paths[route][method];
  const body = parameters.find((p) => p.in === 'body');
  return {
    method: method.toUpperCase(),
    route,
    parameters: parameters
      .filter((p) => p.in !== 'body')
      .map((p) => ({ name: p.name, in: p.in, required: p.required === true, schema: { type: p.type } })),
    body: body === undefined ? null : inner(body.schema),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { $ref }]) => {
        const { schema } = spec.responses[$ref.split('/').at(-1)];
        return [status, schema === undefined ? null : inner(schema)];
      }),
    ),
  };
});

const lines = (values) => values.map((value) => `\n${value}`).join(',');
const slim = `{"source":${JSON.stringify(SOURCE)},
"sha256":"${createHash('sha256').update(text).digest('hex')}",
"operations":[${lines(operations.map((operation) => JSON.stringify(operation)))}
],
"definitions":{${lines(Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`))}
}}
`;
const target = path.join(path.dirname(fileURLToPath(import.meta.url)), 'swagger.json');
await writeFile(target, slim);
console.log(`Wrote ${target}: ${operations.length} operations, ${Object.keys(schemas).length} schemas.`);
