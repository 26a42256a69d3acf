import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep } from '@sluice/testing/action.ts';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { runPython } from './python.ts';

jest.setTimeout(60_000);

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    properties:
      - {name: id, logicalType: string, required: true}
`;
const CONFIG = `version: 1
model: flights
data: {contract: contract.odcs.yaml, train: data/train.csv, test: data/test.csv}
train:
  run: node train.mjs
  params: params.yaml
  model-path: out/model.json
  metrics: out/metrics.json
gate:
  evaluate: node evaluate.mjs {model-path} {predictions}
  rules: [{metric: accuracy, min: 0.6}]
`;
const TRAIN = `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('out', { recursive: true });
writeFileSync('out/model.json', '{"errors": 0.1}');
writeFileSync('out/metrics.json', '{"loss": 0.5}');
`;
const GITHUB = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/flights',
  GITHUB_WORKFLOW_REF: 'acme/flights/.github/workflows/pipeline.yml@refs/heads/main',
  GITHUB_RUN_ID: '42',
};

/** What in-toto's Python bindings say of statements: the fields of each predicate that they do not know. */
async function readByInToto(...files: readonly string[]): Promise<unknown[]> {
  const stdout = await runPython('statements.py', ...files);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

let project: GateProject;
const statement = (action: string): string => path.join(project.workspace, `.sluice/evidence/${action}.json`);

/** Fields of a test result that in-toto does not know, and that docs/evidence.md explains. */
const OWN = ['runDetails', 'writtenBy'];

describe('statements of the built actions', () => {
  beforeAll(async () => {
    project = await createGateProject(CONFIG);
    await project.write({
      'contract.odcs.yaml': CONTRACT,
      'data/train.csv': 'id\na\nb\n',
      'train.mjs': TRAIN,
      'params.yaml': 'trees: 10\n',
    });
    await project.commit('Ready to train');
    const { workspace } = project;
    expect(await runStep('validate-data', { workspace, env: GITHUB })).toMatchObject({ code: 0 });
    expect(await runStep('train', { workspace, env: GITHUB })).toMatchObject({ code: 0 });
    expect(await project.gate({ env: GITHUB })).toMatchObject({ code: 0 });
  });
  afterAll(() => project.remove());

  test("are read by in-toto's own bindings, with no fields unknown to them but those documented", async () => {
    const files = ['validate-data', 'train', 'evaluate-gate'].map(statement);
    expect(await readByInToto(...files)).toEqual([OWN, [], OWN]);
  });

  test('say in which workflow and run they were made', async () => {
    for (const action of ['validate-data', 'train', 'evaluate-gate']) {
      expect(JSON.parse(await readFile(statement(action), 'utf8'))).toMatchObject({
        predicate: {
          runDetails: {
            builder: { id: `https://github.com/${GITHUB.GITHUB_WORKFLOW_REF}` },
            metadata: {
              invocationId: 'https://github.com/acme/flights/actions/runs/42/attempts/1',
              finishedOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
            },
          },
        },
      });
    }
  });

  test.each<[string, string, (text: string) => string]>([
    [
      'a field of the statement that in-toto has not',
      'train',
      (t) => t.replace('"subject"', '"more":1,"subject"'),
    ],
    ['no subject', 'evaluate-gate', (t) => t.replace(/"subject":\[.*?\],/, '"subject":[],')],
    ['a time that is none', 'train', (t) => t.replace(/"finishedOn":"[^"]*"/, '"finishedOn":"now"')],
  ])('are refused there with %s', async (_what, action, change) => {
    const text = await readFile(statement(action), 'utf8');
    const file = path.join(project.root, 'changed.json');
    await writeFile(file, change(text));
    expect(change(text)).not.toBe(text);
    await expect(readByInToto(file)).rejects.toThrow(/Error/);
  });
});
