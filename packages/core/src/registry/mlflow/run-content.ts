import type { Circumstances } from '../registry.ts';
import { addressOf, parameterValues } from '../../evidence/making.ts';
import type { Resource, Statement } from '../../evidence/statement.ts';
import { PROVENANCE, TEST_RESULT } from '../../evidence/statement.ts';
import { MODEL_SUBJECT } from '../../evidence/passport.ts';
import type { Entry } from '../../mlflow/limits.ts';
import type { DataInput } from '../../mlflow/runs.ts';

/** What MLflow's run says about where a model comes from. */
export interface RunContent {
  readonly params: readonly Entry[];
  readonly tags: readonly Entry[];
  readonly inputs: readonly DataInput[];
}

const DATA_FILE = /\.(?:csv|tsv|parquet|jsonl|ndjson|json)(?:\.(?:gz|zst))?$/i;

/** Collects from a passport's statements and the job what MLflow's pages show: parameters, data, commit, branch, author. */
export function runContent(statements: readonly Statement[], circumstances: Circumstances): RunContent {
  const inputs = [...trainingData(statements), ...testData(statements)];
  return {
    params: parameters(statements),
    tags: [...sourceTags(circumstances), ...dataTags(inputs)],
    inputs,
  };
}

/** One tag for each file: what a model was both trained and judged on, or judged on twice, is one. */
function dataTags(inputs: readonly DataInput[]): Entry[] {
  const files = new Map(inputs.map((input) => [`${input.name}\n${input.sha256}`, input]));
  return [...files.values()].map(({ name, sha256 }) => ({ key: `sluice.data.${name}`, value: sha256 }));
}

/** The keys that MLflow's pages know (mlflow/utils/mlflow_tags.py); type PROJECT makes the commit a link. */
function sourceTags({ commit, actor, runUrl, env }: Circumstances): Entry[] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_REF_NAME: branch } = env;
  const address = server && repository ? `${server}/${repository}` : undefined;
  const values: Record<string, string | undefined> = {
    'mlflow.source.git.commit': commit,
    'mlflow.source.git.branch': env['GITHUB_REF_TYPE'] === 'tag' ? undefined : branch,
    'mlflow.source.git.repoURL': address,
    'mlflow.source.name': address,
    'mlflow.source.type': address === undefined ? undefined : 'PROJECT',
    'mlflow.user': actor,
    'sluice.run-url': runUrl,
    'mlflow.note.content':
      runUrl === undefined ? undefined : `Registered by Sluice in [this workflow run](<${runUrl}>).`,
  };
  return Object.entries(values).flatMap(([key, value]) => (value ? [{ key, value }] : []));
}

function parameters(statements: readonly Statement[]): Entry[] {
  const params = statements
    .filter((statement) => statement.predicateType === PROVENANCE)
    .map(({ predicate }) => predicate.buildDefinition.externalParameters['params']);
  return parameterValues(...params).map(([key, value]) => ({ key, value }));
}

/** What the training read: its dependencies that validate-data looked at, or that are data by their name. */
function trainingData(statements: readonly Statement[]): DataInput[] {
  const validated = new Set(
    statements
      .filter((s) => s.predicateType === TEST_RESULT && !isGate(s))
      .flatMap((s) => s.subject.map((subject) => subject.digest['sha256'])),
  );
  const dependencies = statements
    .filter((s) => s.predicateType === PROVENANCE)
    .flatMap((s) => s.predicate.buildDefinition.resolvedDependencies);
  return dependencies.flatMap((resource) => {
    const { name, digest } = resource;
    const sha256 = digest?.['sha256'];
    if (name === undefined || sha256 === undefined) return [];
    return validated.has(sha256) || DATA_FILE.test(name)
      ? [{ name, sha256, context: 'training' as const, ...placeOf(resource) }]
      : [];
  });
}

/** What the gate judged the model on. */
function testData(statements: readonly Statement[]): DataInput[] {
  return statements
    .flatMap((s) => (s.predicateType === TEST_RESULT && isGate(s) ? s.predicate.configuration : []))
    .flatMap((resource) => {
      const { name, digest } = resource;
      const sha256 = digest?.['sha256'];
      return name !== undefined && sha256 !== undefined && DATA_FILE.test(name)
        ? [{ name, sha256, context: 'evaluation' as const, ...placeOf(resource) }]
        : [];
    });
}

function placeOf(resource: Resource): Pick<DataInput, 'uri'> {
  const uri = addressOf(resource);
  return uri === undefined ? {} : { uri };
}

function isGate(statement: Statement): boolean {
  return statement.subject.some(({ name }) => name.startsWith(MODEL_SUBJECT));
}
