import type { TargetWords } from '../../target.ts';
import type { HaproxySettings } from './settings.ts';

/** What a haproxy target is called in sentences. */
export function haproxyWords({
  root,
  backend,
  slots: { stable, canary },
}: Pick<HaproxySettings, 'root' | 'backend' | 'slots'>): TargetWords {
  return {
    says: (what) => `the weights of HAProxy say ${what}`,
    onlyRead:
      'the servers cannot say their version (version-path: none), so only the weights of HAProxy were read, not the servers',
    staging: ({ version, modelDigest }) =>
      `Stage sha256:${modelDigest} to ${root}/releases/${version}, and start it in the one of ${stable} and ${canary} that has no traffic.`,
    switching: `Set the weights of ${stable} and ${canary} in HAProxy's backend ${backend}.`,
  };
}
