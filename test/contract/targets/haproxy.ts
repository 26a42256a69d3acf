import { startHaproxy } from '@sluice/testing/haproxy/haproxy.ts';
import { predictZeroAt, type TargetHarnesses } from '../serving-target.ts';

/** Needs the HAProxy of `npm run test:e2e`. */
export const layer = 'e2e';

/** Two model servers that are started anew for each version. */
export const harnesses: TargetHarnesses = {
  async 'with two servers'(scratch) {
    const haproxy = await startHaproxy(scratch);
    return {
      config: { ...haproxy.config, keep: 3 },
      predictZero: (headers) => predictZeroAt(haproxy.url, headers),
      interfere: () =>
        haproxy.say('set server models/s1 state ready; set weight models/s1 7').then(() => undefined),
      close: () => haproxy.stop(),
    };
  },
};
