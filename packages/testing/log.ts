import type { Log } from '@sluice/core/action/log.ts';

/** A log for tests that look at results and not at what was printed. */
export const silentLog: Log = {
  info: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
  group: (_title, body) => body(),
};
