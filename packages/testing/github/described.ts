import { Contract, lastOf } from './contract.ts';

/** What GitHub says of its API, as far as the suite uses it. */
export const GITHUB = new Contract(new URL('openapi.json', import.meta.url));

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
    return filled(GITHUB.definition(lastOf(schema.$ref)), given);
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
