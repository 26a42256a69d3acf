import * as path from 'node:path';
import * as z from 'zod/mini';
import { removeBelow, writeBelow } from '../action/below.ts';
import { documentWithoutSecrets } from '../action/secrets.ts';

export const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1';
export const PROVENANCE = 'https://slsa.dev/provenance/v1';
const STATEMENT = 'https://in-toto.io/Statement/v1';
/** Where the actions leave their statements, below the working directory. */
export const EVIDENCE_FOLDER = '.sluice/evidence';

const digestSet = z.record(z.string(), z.string().check(z.regex(/^[0-9a-f]+$/)));

/** in-toto ResourceDescriptor v1, the fields used here. */
const resource = z.looseObject({
  name: z.optional(z.string()),
  uri: z.optional(z.string()),
  digest: z.optional(digestSet),
});
export type Resource = z.infer<typeof resource>;

const subject = z.looseObject({ name: z.string(), digest: digestSet });

const runDetails = z.looseObject({
  builder: z.looseObject({ id: z.string() }),
  metadata: z.optional(
    z.looseObject({ invocationId: z.optional(z.string()), finishedOn: z.optional(z.string()) }),
  ),
  byproducts: z.optional(z.array(resource)),
});
/** The part of SLSA provenance v1 that says which run made something. */
export type RunDetails = z.infer<typeof runDetails>;

/** Not of in-toto: the step that wrote a statement. A model that was restored from a cache was made by another. */
const writer = z.looseObject({
  /** Full id of the commit that was checked out. */
  commit: z.optional(z.string()),
  /** URL of the attempt of the workflow run. */
  run: z.optional(z.string()),
});
export type Writer = z.infer<typeof writer>;

/** in-toto test-result v0.1 predicate (github.com/in-toto/attestation, spec/predicates/test-result.md). */
const testResult = z.looseObject({
  _type: z.literal(STATEMENT),
  subject: z.array(subject).check(z.minLength(1)),
  predicateType: z.literal(TEST_RESULT),
  predicate: z.looseObject({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    configuration: z.array(resource),
    url: z.optional(z.string()),
    passedTests: z.optional(z.array(z.string())),
    warnedTests: z.optional(z.array(z.string())),
    failedTests: z.optional(z.array(z.string())),
    /** Not of in-toto. */
    writtenBy: z.optional(writer),
    /** Not of in-toto: which workflow ran the tests, and when, as SLSA provenance says it. */
    runDetails: z.optional(runDetails),
    /** Not of in-toto: a person accepted that the failed tests failed, and the result is WARNED for that reason. */
    acknowledged: z.optional(
      z.looseObject({
        by: z.string(),
        at: z.string(),
        label: z.string(),
        numbers: z.string(),
        'pull-request': z.optional(z.int()),
      }),
    ),
  }),
});

/** SLSA provenance v1 (slsa.dev/spec/v1.0/provenance). */
const provenance = z.looseObject({
  _type: z.literal(STATEMENT),
  subject: z.array(subject).check(z.minLength(1)),
  predicateType: z.literal(PROVENANCE),
  predicate: z.looseObject({
    buildDefinition: z.looseObject({
      buildType: z.string(),
      externalParameters: z.looseObject({}),
      internalParameters: z.optional(z.looseObject({ writtenBy: z.optional(writer) })),
      resolvedDependencies: z.array(resource),
    }),
    runDetails,
  }),
});

const statementSchema = z.discriminatedUnion('predicateType', [testResult, provenance]);

/** An in-toto Statement v1 of one of the two kinds the suite writes. */
export type Statement = z.infer<typeof statementSchema>;
export type TestResultStatement = z.infer<typeof testResult>;
export type ProvenanceStatement = z.infer<typeof provenance>;

/** Parses one statement; throws Error with the place of the first fault when it is not one the suite knows. */
export function parseStatement(text: string): Statement {
  const parsed = statementSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`not an in-toto statement: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

/** What a statement is about: an in-toto ResourceDescriptor, with the one digest that is used here. */
export interface Subject {
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
  /** Where it was read from. */
  readonly uri?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A test-result statement about `subjects`; `result` follows the decision of the action that tested them. */
export function testResultStatement(
  subjects: readonly Subject[],
  predicate: TestResultStatement['predicate'],
): TestResultStatement {
  return {
    _type: STATEMENT,
    subject: subjects.map(toSubject),
    predicateType: TEST_RESULT,
    predicate: documentWithoutSecrets(predicate),
  };
}

/** A provenance statement about a trained model. */
export function provenanceStatement(
  subjects: readonly Subject[],
  predicate: ProvenanceStatement['predicate'],
): ProvenanceStatement {
  return {
    _type: STATEMENT,
    subject: subjects.map(toSubject),
    predicateType: PROVENANCE,
    predicate: documentWithoutSecrets(predicate),
  };
}

function toSubject({ name, sha256, ...origin }: Subject): {
  name: string;
  digest: Record<string, string>;
} {
  return { name, ...origin, digest: { sha256 } };
}

/**
 * Writes a statement as `<action>.json` into a folder of the working directory, with who writes it, replacing the one of an
 * earlier run of the same action, and returns its path. One line of JSON, so that a passport is a concatenation.
 */
export async function writeStatement(
  directory: string,
  folder: string,
  action: string,
  statement: Statement,
  writtenBy: Writer,
): Promise<string> {
  const file = statementPath(directory, folder, action);
  await writeBelow(directory, file, JSON.stringify(withWriter(statement, writtenBy)) + '\n');
  return file;
}

/** Which step wrote a statement, as far as it says. */
export function writerIn(statement: Statement): Writer | undefined {
  return statement.predicateType === PROVENANCE
    ? statement.predicate.buildDefinition.internalParameters?.writtenBy
    : statement.predicate.writtenBy;
}

/** SLSA's predicate knows no field for it; readers of test results pass over those that they do not know. */
export function withWriter(statement: Statement, writtenBy: Writer): Statement {
  if (statement.predicateType !== PROVENANCE) {
    return { ...statement, predicate: { ...statement.predicate, writtenBy } };
  }
  const { predicate } = statement;
  const { buildDefinition: definition } = predicate;
  const internalParameters = { ...definition.internalParameters, writtenBy };
  return {
    ...statement,
    predicate: { ...predicate, buildDefinition: { ...definition, internalParameters } },
  };
}

/** Removes the statement of an earlier run: if this one breaks off, nothing may vouch for what it was about. */
export function removeStatement(directory: string, folder: string, action: string): Promise<void> {
  return removeBelow(directory, statementPath(directory, folder, action));
}

function statementPath(directory: string, folder: string, action: string): string {
  return path.join(directory, folder, `${action}.json`);
}
