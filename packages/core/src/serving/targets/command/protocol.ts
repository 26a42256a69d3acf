import * as z from 'zod/mini';
import { isVersion } from '../../../action/names.ts';
import { described, text } from '../../../schema/blocks.ts';
import { CAPABILITIES } from './schema.ts';

/*
 * What a program of a command target is asked, and what it may answer. schemas/ is generated from this file. A change that
 * a program of before would misread gets another number.
 */

export const SCHEMA_VERSION = 1;

const schemaVersion = described(z.literal(SCHEMA_VERSION), 'Number of this protocol.');
const version = described(
  z.string().check(z.refine(isVersion, 'expected a version such as v1.0.0')),
  'A version of the ledger, such as v1.0.0.',
);
const weight = described(z.number().check(z.gt(0), z.lte(100)), 'Percent of the traffic.');
const share = z.strictObject({ version, weight });
const fenceNumber = z.int().check(z.nonnegative());
const generation = described(
  z.string().check(z.minLength(1), z.maxLength(256)),
  'Name of the present set-up; another one after each change, whoever makes it.',
);
const shortText = z.string().check(z.minLength(1), z.maxLength(2_000));

const about = {
  'schema-version': schemaVersion,
  model: described(text, 'Name of the model.'),
  environment: described(text, 'Name of the environment.'),
  path: described(text, 'Absolute path of the folder that holds `releases`.'),
};
const release = {
  version,
  'model-digest': described(text, 'sha256 of the model, in hex.'),
  'model-path': described(text, 'Absolute path of the folder with the files, whose digest was verified.'),
};
const fence = described(
  z.strictObject({
    number: described(fenceNumber, 'Grows with every run that has the environment.'),
    owner: described(text, 'Random name of the run.'),
  }),
  'Which run asks.',
);

/** What each operation is asked with. */
export const requestSchemas = {
  capabilities: z.strictObject({ ...about, operation: z.literal('capabilities') }),
  live: z.strictObject({ ...about, operation: z.literal('live') }),
  holds: z.strictObject({ ...about, operation: z.literal('holds'), ...release }),
  stage: z.strictObject({ ...about, operation: z.literal('stage'), ...release }),
  endpoint: z.strictObject({ ...about, operation: z.literal('endpoint'), version }),
  fence: z.strictObject({ ...about, operation: z.literal('fence') }),
  raise: z.strictObject({ ...about, operation: z.literal('raise'), fence }),
  shift: z.strictObject({
    ...about,
    operation: z.literal('shift'),
    fence,
    generation: z.optional(
      described(generation, 'The set-up that the run has seen; answer `drifted` where it is another by now.'),
    ),
    shares: described(z.array(share), 'Adds up to 100; empty when nothing is to be served.'),
    mirror: z.optional(
      described(
        z.strictObject({ version, percent: weight }),
        'Copies of this many requests go to the version, and its answers to nobody.',
      ),
    ),
    route: z.optional(
      described(
        z.strictObject({ header: text, value: z.string(), version }),
        'Requests with this header go to the version.',
      ),
    ),
    key: z.optional(
      described(text, 'The header whose value decides to which share a request belongs, always to the same.'),
    ),
  }),
  retire: z.strictObject({
    ...about,
    operation: z.literal('retire'),
    versions: described(
      z.array(version),
      'Their files are gone: end what serves them, which has no traffic.',
    ),
  }),
} as const;

export type Operation = keyof typeof requestSchemas;
export type RequestOf<O extends Operation> = z.infer<(typeof requestSchemas)[O]>;
/** What an operation is asked beyond what all are. */
export type QuestionOf<O extends Operation> = Omit<RequestOf<O>, keyof typeof about | 'operation'>;

const answered = { 'schema-version': schemaVersion };
const done = z.strictObject(answered);

/** What each operation is answered with when it went well. */
export const answerSchemas = {
  capabilities: z.strictObject({
    ...answered,
    capabilities: described(z.array(z.enum(CAPABILITIES)), 'What the program can.'),
  }),
  live: z.strictObject({
    ...answered,
    intended: described(
      z
        .array(share)
        .check(
          z.refine(
            (shares) =>
              shares.length === 0 || Math.abs(shares.reduce((sum, one) => sum + one.weight, -100)) < 1e-6,
            'expected shares that add up to 100, or none',
          ),
        ),
      'What the traffic is set to; empty when nothing is served.',
    ),
    generation: z.optional(generation),
  }),
  holds: z.strictObject({
    ...answered,
    holds: described(z.boolean(), 'Whether the version could get traffic at once.'),
  }),
  stage: done,
  endpoint: z.strictObject({
    ...answered,
    url: described(
      z.nullable(text),
      'Base URL of the version by itself, whatever its share; null where it has none.',
    ),
  }),
  fence: z.strictObject({ ...answered, fence: described(fenceNumber, 'The highest one seen; 0 for none.') }),
  raise: done,
  shift: done,
  retire: done,
} as const satisfies Readonly<Record<Operation, z.ZodMiniType>>;

export type AnswerOf<O extends Operation> = z.infer<(typeof answerSchemas)[O]>;

/** What an operation may be answered with instead. */
export const refusalSchema = z.discriminatedUnion('error', [
  z.strictObject({
    ...answered,
    error: described(z.literal('failed'), 'failed: it did not work, as `message` says.'),
    message: described(shortText, 'What did not work, for people.'),
  }),
  z.strictObject({
    ...answered,
    error: described(z.literal('not-found'), 'not-found: the version is not staged; nothing was moved.'),
    version,
  }),
  z.strictObject({
    ...answered,
    error: described(
      z.literal('fenced'),
      'fenced: another run has the environment, with a higher fence or with this one.',
    ),
    fence: described(fenceNumber, 'The highest one seen.'),
  }),
  z.strictObject({
    ...answered,
    error: described(
      z.literal('drifted'),
      'drifted: somebody else changed the set-up since `generation`; nothing was moved.',
    ),
    by: z.optional(described(shortText, 'Who, where that is known.')),
  }),
]);

export type Refusal = z.infer<typeof refusalSchema>;

/** The refusals that an operation may be answered with, beside `failed`. */
export const REFUSALS: Readonly<Record<Operation, readonly Refusal['error'][]>> = {
  capabilities: [],
  live: [],
  holds: [],
  stage: [],
  endpoint: ['not-found'],
  fence: [],
  raise: ['fenced'],
  shift: ['not-found', 'fenced', 'drifted'],
  retire: [],
};
