import { configSchema } from '@sluice/core/config/schema.ts';
import { lockSchema } from '@sluice/core/pins/lock.ts';
import { countsAnswer } from '@sluice/core/rollout/analysis/providers/counts.ts';
import {
  REFUSALS,
  answerSchemas,
  refusalSchema,
  requestSchemas,
  type Operation,
} from '@sluice/core/serving/targets/command/protocol.ts';
import * as z from 'zod/mini';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
export const HOME = 'https://raw.githubusercontent.com/sluice-ml/sluice/main/schemas';

type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON Schema of sluice.yaml, from which editors complete it: in draft 7, which all of them read. */
export function configJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema: schema.$schema,
    $id: `${HOME}/sluice.schema.json`,
    title: 'sluice.yaml',
    description: 'Configuration of the Sluice actions.',
    ...schema,
  };
}

/** The JSON Schema of sluice.lock.yaml. */
export function lockJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(lockSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    $schema: schema.$schema,
    $id: `${HOME}/sluice.lock.schema.json`,
    title: 'sluice.lock.yaml',
    description: 'Versions of the data in S3 that the Sluice actions read.',
    ...schema,
  };
}

const OPERATIONS = Object.keys(requestSchemas) as Operation[];

/** The JSON Schema of what a program of a command target is asked; `$defs` has each operation by its name. */
export function commandRequestJsonSchema(): JsonObject {
  return commandJsonSchema('request', 'What the program of a command target is asked.', (operation) =>
    plainJsonSchema(requestSchemas[operation]),
  );
}

/** The JSON Schema of what it may answer; `$defs` has the answers to each operation by its name. */
export function commandAnswerJsonSchema(): JsonObject {
  const refusals = refusalSchema.def.options.map((option) => ({
    error: option.shape.error.def.values[0],
    schema: plainJsonSchema(option),
  }));
  return commandJsonSchema('answer', 'What the program of a command target answers.', (operation) => {
    const allowed = refusals.filter(
      ({ error }) => error === 'failed' || REFUSALS[operation].some((one) => one === error),
    );
    return { anyOf: [plainJsonSchema(answerSchemas[operation]), ...allowed.map(({ schema }) => schema)] };
  });
}

/** The JSON Schema of the counts that a server or a program of the team's answers to an analysis. */
export function countsJsonSchema(): JsonObject {
  return {
    $schema: DIALECT,
    $id: `${HOME}/analysis-counts.schema.json`,
    title: 'Counts of an analysis',
    description: 'What an analysis of the providers http and command is answered.',
    ...plainJsonSchema(countsAnswer),
  };
}

function commandJsonSchema(
  what: 'request' | 'answer',
  description: string,
  of: (operation: Operation) => JsonObject,
): JsonObject {
  return {
    $schema: DIALECT,
    $id: `${HOME}/command-target.${what}.schema.json`,
    title: `Command target, ${what}`,
    description,
    anyOf: OPERATIONS.map((operation) => ({ $ref: `#/$defs/${operation}` })),
    $defs: Object.fromEntries(OPERATIONS.map((operation) => [operation, of(operation)])),
  };
}

function plainJsonSchema(schema: z.ZodMiniType): JsonObject {
  return Object.fromEntries(
    Object.entries(z.toJSONSchema(schema, { target: 'draft-2020-12' })).filter(([key]) => key !== '$schema'),
  );
}

/** What every `result` has. */
const common = z.object({
  'schema-version': z.literal(1),
  action: z.string(),
  decision: z.enum(['pass', 'warn', 'fail', 'error']),
  'reason-code': z.string(),
  message: z.string(),
  model: z.optional(z.string()),
});

/**
 * The JSON Schema of an action's `result` output. What the action adds is there when it came to a decision about its
 * subject; a run that broke off has the common part alone.
 */
export function resultJsonSchema(
  action: string,
  reasons: readonly string[],
  ownSchema: z.ZodMiniType,
): JsonObject {
  const shared = z.toJSONSchema(common, { target: 'draft-2020-12' });
  const own = z.toJSONSchema(ownSchema, { target: 'draft-2020-12' });
  if (own.type !== 'object') throw new Error(`The resultSchema of ${action} has to be an object schema.`);
  const clash = Object.keys(own.properties ?? {}).filter((key) => key in (shared.properties ?? {}));
  if (clash.length > 0) throw new Error(`The resultSchema of ${action} redefines ${clash.join(', ')}.`);
  return {
    $schema: DIALECT,
    $id: `${HOME}/${action}.result.schema.json`,
    title: `Result of ${action}`,
    description: `The document in the output \`result\` of ${action}.`,
    type: 'object',
    properties: {
      ...shared.properties,
      action: { const: action },
      'reason-code': { enum: [...reasons] },
      ...own.properties,
    },
    required: shared.required,
    additionalProperties: false,
    if: { properties: { decision: { enum: ['pass', 'warn'] } } },
    then: { required: own.required ?? [] },
    ...(own.$defs === undefined ? {} : { $defs: own.$defs }),
  };
}
