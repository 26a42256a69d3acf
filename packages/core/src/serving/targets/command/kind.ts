import type { TargetKind } from '../kind.ts';
import type { CommandConfig } from './schema.ts';
import { commandSettings } from './settings.ts';

/** The row of a command target; its program is first asked when it is opened. */
export const command: TargetKind<CommandConfig> = (section, step) => {
  const settings = commandSettings(section, step);
  const { server, capabilities } = settings;
  return {
    can: capabilities,
    ...(server === undefined ? {} : { server }),
    open: async (opening) => (await import('./target.ts')).openCommand(settings, opening),
  };
};
