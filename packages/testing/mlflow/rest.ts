/** MLflow's REST interface as a test looks at it, with none of our own code between. */
export interface Rest {
  readonly url: string;
  get(path: string, query?: Readonly<Record<string, string>>): Promise<RestAnswer>;
  send(method: 'POST' | 'DELETE' | 'PATCH', path: string, body: object): Promise<RestAnswer>;
  /** Numbers and tags of the versions of a model, ascending. */
  versions(name: string): Promise<{ version: string; tags: Record<string, string> }[]>;
  /** Which version each alias of a model points at. */
  aliases(name: string): Promise<Record<string, string>>;
  /** Ids of the runs of an experiment. */
  runs(experiment: string): Promise<string[]>;
}

/** Tests look into answers of many shapes. */
export type RestAnswer = unknown;

interface Tagged {
  readonly tags?: { key: string; value?: string }[];
}

/** Throws for every answer that is not good. */
export function restOf(url: string): Rest {
  const call = async (method: string, path: string, body?: object): Promise<RestAnswer> => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const rest: Rest = {
    url,
    get: (path, query = {}) => call('GET', `${path}?${new URLSearchParams(query).toString()}`),
    send: call,
    async versions(name) {
      const answer = (await rest.get('model-versions/search', { filter: `name = '${name}'` })) as {
        model_versions?: ({ version: string } & Tagged)[];
      };
      return (answer.model_versions ?? [])
        .map(({ version, tags }) => ({
          version,
          tags: Object.fromEntries((tags ?? []).map((tag) => [tag.key, tag.value ?? ''])),
        }))
        .sort((a, b) => Number(a.version) - Number(b.version));
    },
    async aliases(name) {
      const answer = (await rest.get('registered-models/get', { name })) as {
        registered_model: { aliases?: { alias: string; version: string }[] };
      };
      return Object.fromEntries(
        (answer.registered_model.aliases ?? []).map(({ alias, version }) => [alias, version]),
      );
    },
    async runs(experiment) {
      const found = (await rest.get('experiments/get-by-name', { experiment_name: experiment })) as {
        experiment: { experiment_id: string };
      };
      const body = { experiment_ids: [found.experiment.experiment_id] };
      const { runs = [] } = (await rest.send('POST', 'runs/search', body)) as {
        runs?: { info: { run_id: string } }[];
      };
      return runs.map(({ info }) => info.run_id);
    },
  };
  return rest;
}
