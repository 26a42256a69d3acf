import type { TargetKind } from '../kind.ts';
import type { DirectoryConfig } from './schema.ts';
import { directorySettings } from './settings.ts';

/** The row of a directory target; what serves is loaded when it is opened. */
export const directory: TargetKind<DirectoryConfig> = (section, step) => {
  const settings = directorySettings(section, step);
  const { server } = settings;
  return {
    can: new Set(),
    ...(server === undefined ? {} : { server }),
    open: async (opening) => (await import('./target.ts')).openDirectory(settings, opening),
  };
};
