import * as path from 'node:path';
import { expand } from '@sluice/core/action/expand.ts';
import type { TargetKind } from '@sluice/core/serving/targets/kind.ts';
import type { PointerConfig } from './schema.ts';

/** The row of the target: reads its section; what serves is loaded when it is opened. */
export const pointer: TargetKind<PointerConfig> = ({ value, name, folder }, { env }) => {
  const root = path.resolve(folder, expand(value.path, `${name}.path`, env));
  return {
    can: new Set(),
    open: async () => (await import('./target.ts')).pointerTarget(root),
  };
};
