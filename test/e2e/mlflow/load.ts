/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askPython } from '@sluice/testing/mlflow/python.ts';
import { PYTHON, startServer, type StartedServer } from '@sluice/testing/mlflow/server.ts';
import { leaveEvidence, startProject, type Project } from '@sluice/testing/project.ts';

/** A model of scikit-learn, saved as MLflow saves it or as a plain pickle, and what it answers. */
const TRAIN = `
import json, pickle, sys
import numpy as np
from pathlib import Path
from sklearn.linear_model import LogisticRegression
model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
out = Path(sys.argv[2])
if sys.argv[1] == "mlflow":
    import mlflow
    from mlflow.models import infer_signature
    mlflow.sklearn.save_model(model, out, signature=infer_signature(np.array([[0.0]]), np.array([0])), serialization_format="pickle", pip_requirements=["scikit-learn"])
else:
    out.mkdir(parents=True)
    (out / "model.pkl").write_bytes(pickle.dumps(model))
print(json.dumps(model.predict([[0.5], [2.5]]).tolist()))
`;
const LOAD = `
import json, sys, mlflow
import numpy as np
model = mlflow.pyfunc.load_model(sys.argv[1])
print(json.dumps([float(x) for x in model.predict(np.array([[0.5], [2.5]]))]))
`;
const config = (name: string, more: string): string => `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry:
  type: mlflow
  tracking-uri: '\${MLFLOW}'
  name: ${name}
  experiment: ${name}
${more}`;

/** The team's own loader, in a package that travels with the model. */
const LOADER = `
import pickle
from pathlib import Path
from .shift import SHIFT

class Wrapped:
    def __init__(self, model):
        self.model = model

    def predict(self, rows, params=None):
        return self.model.predict(rows) + SHIFT

def _load_pyfunc(path):
    return Wrapped(pickle.loads((Path(path) / "model.pkl").read_bytes()))
`;

export function loadTests(url: () => string): void {
  describe('what MLflow itself does with a registered version', () => {
    let project: Project;
    afterAll(() => project.repository.remove());

    const register = async (name: string, kind: 'mlflow' | 'plain', more = ''): Promise<unknown> => {
      project = await startProject(config(name, more));
      await project.repository.write({
        'out/metrics.json': '{"auc": 0.75}',
        'requirements.txt': 'scikit-learn\n',
        'flight_delay/__init__.py': '',
        'flight_delay/shift.py': 'SHIFT = 10\n',
        'flight_delay/mlflow.py': LOADER,
      });
      const answers = await askPython(TRAIN, url(), [kind, 'out/model'], project.repository.workspace);
      await leaveEvidence(project.repository);
      const step = await project.register({}, { env: { MLFLOW: url() } });
      expect(step.outputs).toMatchObject({ 'reason-code': 'ok', version: 'v1.0.0' });
      return answers;
    };

    test('a model that mlflow saved is loaded as it is, and its signature is seen', async () => {
      const answers = await register('saved', 'mlflow');
      expect(await askPython(LOAD, url(), ['models:/saved/1'])).toEqual(answers);
    });

    test('a plain pickle is loaded by the MLmodel that is written when asked, with code of the team', async () => {
      const loader = `  mlmodel: { loader-module: flight_delay.mlflow, code: flight_delay/, requirements: requirements.txt }\n`;
      const answers = await register('plain', 'plain', loader);
      expect(await askPython(LOAD, url(), ['models:/plain/1'])).toEqual(
        (answers as number[]).map((x) => x + 10),
      );
    });

    describe('served', () => {
      let server: StartedServer;
      beforeAll(async () => {
        await register('served', 'plain', '  mlmodel: { loader-module: mlflow.sklearn, data: model.pkl }\n');
        server = await startServer(
          'serve',
          (port) => [
            PYTHON,
            '-m',
            'mlflow',
            'models',
            'serve',
            '-m',
            'models:/served/1',
            '-p',
            String(port),
            '--env-manager',
            'local',
          ],
          '/ping',
          { MLFLOW_TRACKING_URI: url() },
        );
      });
      afterAll(() => server.stop());

      test('mlflow models serve answers predictions of a version', async () => {
        const answer = await fetch(`${server.url}/invocations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ inputs: [[0.5], [2.5]] }),
        });
        expect(await answer.json()).toEqual({ predictions: [0, 1] });
      });
    });
  });
}
