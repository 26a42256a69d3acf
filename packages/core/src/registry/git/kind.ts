import { siteCalled } from '../../mlflow/site.ts';
import type { RegistryKind } from '../registry.ts';

/** The ledger itself: whoever reads its tags sees every version and what is live. */
export const gitKind: RegistryKind = {
  words: 'the tags of the repository',
  settings: (_section, model) => ({ site: siteCalled(model) }),
  requireAddress: () => undefined,
  register: async (_step, _exhibit, _before, write) => ({ written: await write(), shown: {} }),
  show: async () => ({}),
  showLive: async () => undefined,
};
