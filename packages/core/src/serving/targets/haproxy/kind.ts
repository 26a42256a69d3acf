import type { Capability, TargetKind } from '../kind.ts';
import type { HaproxyConfig } from './schema.ts';
import { haproxySettings } from './settings.ts';

/** The row of a haproxy target; what serves is loaded when it is opened. */
export const haproxy: TargetKind<HaproxyConfig> = (section, step) => {
  const settings = haproxySettings(section, step);
  const can: Capability[] = [
    'split',
    'probe',
    ...(settings.route === undefined ? [] : ['header-route' as const]),
  ];
  return {
    can: new Set(can),
    wholeWeights: true,
    server: settings.server,
    open: async (opening) => (await import('./target.ts')).openHaproxy(settings, opening),
  };
};
