import { expand } from '../../action/expand.ts';
import type { Connection } from '../registry.ts';
import type { MlflowSection } from './section.ts';

/** Where the section says that MLflow is, and how a model is called there: like the model unless it says otherwise. */
export function mlflowSettings(
  section: MlflowSection,
  model: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Connection {
  const filled = (key: 'tracking-uri' | 'experiment' | 'name'): string | undefined => {
    const given = section[key];
    return given === undefined ? undefined : expand(given, `registry.${key}`, env);
  };
  return {
    site: {
      trackingUri: filled('tracking-uri'),
      experiment: filled('experiment') ?? model,
      name: filled('name') ?? model,
    },
    mlmodel: section.mlmodel,
  };
}
