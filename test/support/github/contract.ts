import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: object;
}

interface Operation {
  readonly method: string;
  readonly route: string;
  /** Address of its documentation, which refusals give. */
  readonly documentation: string;
  readonly parameters: readonly Parameter[];
  readonly body: object | null;
  readonly responses: Readonly<Record<string, object | null>>;
}

const description = JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8')) as {
  readonly operations: readonly Operation[];
  readonly definitions: Readonly<Record<string, object>>;
};

/** Any operation may end with these, whether its own description says so or not. */
const ALWAYS_POSSIBLE = [304, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504];

const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
formats.default(ajv);
const compiled = new Map<object, ValidateFunction>();

/** An operation with the values of its path parameters. */
export interface MatchedOperation {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

/** The operation that a request is for, by method and path. */
export function matchOperation(method: string, pathname: string): MatchedOperation | undefined {
  for (const operation of description.operations) {
    if (operation.method !== method) continue;
    const names = [...operation.route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
    const found = new RegExp(`^${operation.route.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname);
    if (found === null) continue;
    return {
      operation,
      path: Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')])),
    };
  }
  return undefined;
}

/** What of a request GitHub's description does not allow; OpenAPI alone would let unknown fields pass. */
export function requestFaults(match: MatchedOperation, query: URLSearchParams, body: unknown): string[] {
  const { operation, path } = match;
  const faults: string[] = [];
  for (const parameter of operation.parameters) {
    const given = parameter.in === 'path' ? path[parameter.name] : (query.get(parameter.name) ?? undefined);
    if (given === undefined && parameter.required && parameter.in !== 'header')
      faults.push(`${parameter.name} is missing`);
    if (given !== undefined)
      faults.push(...schemaFaults(parameter.schema, typed(given, parameter.schema), parameter.name));
  }
  for (const name of query.keys()) {
    if (!operation.parameters.some((p) => p.in === 'query' && p.name === name))
      faults.push(`unknown query ${name}`);
  }
  if (operation.body !== null)
    faults.push(...schemaFaults(operation.body, body, 'body'), ...unknownFields(operation.body, body));
  else if (body !== undefined) faults.push('a body where none is described');
  return faults.map((fault) => `${operation.method} ${operation.route}: ${fault}`);
}

/** What of an answer GitHub's description does not allow. */
export function responseFaults({ operation }: MatchedOperation, status: number, body: unknown): string[] {
  const schema = operation.responses[status];
  const fault = (text: string): string => `${operation.method} ${operation.route} → ${status}: ${text}`;
  if (schema === undefined) return ALWAYS_POSSIBLE.includes(status) ? [] : [fault('not a described status')];
  return schema === null ? [] : schemaFaults(schema, body, 'answer').map(fault);
}

function typed(text: string, schema: object): unknown {
  return 'type' in schema && schema.type === 'integer' ? Number(text) : text;
}

function schemaFaults(schema: object, value: unknown, where: string): string[] {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile({ ...schema, definitions: description.definitions });
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    (e) => `${where}${e.instancePath} ${e.message ?? ''} ${JSON.stringify(e.params)}`,
  );
}

function unknownFields(schema: object, body: unknown): string[] {
  const known = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  const given = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  return given.filter((name) => !known.includes(name)).map((name) => `unknown field ${name}`);
}

/**
 * The least that a definition allows, with these values in it: an answer has to have far more fields than anybody
 * reads.
 */
export function exampleOf(definition: string, values: Readonly<Record<string, unknown>>): object {
  return filled({ $ref: `#/definitions/${definition}` }, values) as object;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const TEXTS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  uri: 'https://api.github.com/example',
  email: 'octocat@example.com',
};

function filled(schema: Schema, given: unknown): unknown {
  if (schema.$ref !== undefined) {
    return filled(description.definitions[schema.$ref.split('/').at(-1) ?? ''] as Schema, given);
  }
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (choice !== undefined) return filled(choice, given);
  const isObject = schema.type === 'object' || schema.properties !== undefined;
  if (given !== undefined && !isObject) return given;
  if (given === null) return null;
  if (isObject) {
    const values = (given ?? {}) as Readonly<Record<string, unknown>>;
    const names = new Set([...(schema.required ?? []), ...Object.keys(values)]);
    return Object.fromEntries(
      [...names].map((name) => [name, filled(schema.properties?.[name] ?? {}, values[name])]),
    );
  }
  if (Array.isArray(schema.type)) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      return TEXTS[schema.format ?? ''] ?? 'example';
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return null;
  }
}
