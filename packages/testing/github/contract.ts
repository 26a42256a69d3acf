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

interface Description {
  readonly operations: readonly Operation[];
  readonly definitions: Readonly<Record<string, object>>;
}

/** Any operation may end with these, whether its own description says so or not. */
const ALWAYS_POSSIBLE = [304, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504];

/** An operation with the values of its path parameters. */
export interface MatchedOperation {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

/** What a forge itself says of its API. */
export class Contract {
  readonly #description: Description;
  /** Parameters that the forge does not know and passes over. */
  readonly #passedOver: readonly string[];
  readonly #ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
  readonly #compiled = new Map<object, ValidateFunction>();

  constructor(file: URL, passedOver: readonly string[] = []) {
    this.#description = JSON.parse(readFileSync(file, 'utf8')) as Description;
    this.#passedOver = passedOver;
    formats.default(this.#ajv);
  }

  definition(name: string): object {
    const found = this.#description.definitions[name];
    if (found === undefined) throw new Error(`The description has no ${name}.`);
    return found;
  }

  /** The operation that a request is for, by method and path. */
  match(method: string, pathname: string): MatchedOperation | undefined {
    for (const operation of this.#description.operations) {
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

  /** What of a request the description does not allow; OpenAPI alone would let unknown fields pass. */
  requestFaults({ operation, path }: MatchedOperation, query: URLSearchParams, body: unknown): string[] {
    const faults: string[] = [];
    for (const parameter of operation.parameters) {
      const given = parameter.in === 'path' ? path[parameter.name] : (query.get(parameter.name) ?? undefined);
      if (given === undefined && parameter.required && parameter.in !== 'header')
        faults.push(`${parameter.name} is missing`);
      if (given !== undefined)
        faults.push(...this.#schemaFaults(parameter.schema, typed(given, parameter.schema), parameter.name));
    }
    const known = operation.parameters.filter((p) => p.in === 'query').map(({ name }) => name);
    for (const name of query.keys()) {
      if (![...known, ...this.#passedOver].includes(name)) faults.push(`unknown query ${name}`);
    }
    if (operation.body !== null)
      faults.push(
        ...this.#schemaFaults(operation.body, body, 'body'),
        ...this.#unknownFields(operation.body, body),
      );
    else if (body !== undefined) faults.push('a body where none is described');
    return faults.map((fault) => `${operation.method} ${operation.route}: ${fault}`);
  }

  /** What of an answer the description does not allow. */
  responseFaults({ operation }: MatchedOperation, status: number, body: unknown): string[] {
    const schema = operation.responses[status];
    const fault = (text: string): string => `${operation.method} ${operation.route} → ${status}: ${text}`;
    if (schema === undefined)
      return ALWAYS_POSSIBLE.includes(status) ? [] : [fault('not a described status')];
    return schema === null ? [] : this.#schemaFaults(schema, body, 'answer').map(fault);
  }

  #schemaFaults(schema: object, value: unknown, where: string): string[] {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile({ ...schema, definitions: this.#description.definitions });
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (e) => `${where}${e.instancePath} ${e.message ?? ''} ${JSON.stringify(e.params)}`,
    );
  }

  #unknownFields(schema: object, body: unknown): string[] {
    const { $ref } = schema as { $ref?: string };
    if ($ref !== undefined) return this.#unknownFields(this.definition(lastOf($ref)), body);
    const known = 'properties' in schema ? Object.keys(schema.properties as object) : [];
    const given = typeof body === 'object' && body !== null ? Object.keys(body) : [];
    return given.filter((name) => !known.includes(name)).map((name) => `unknown field ${name}`);
  }
}

function typed(text: string, schema: object): unknown {
  return 'type' in schema && schema.type === 'integer' ? Number(text) : text;
}

/** The name of the definition that a reference leads to. */
export function lastOf(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
