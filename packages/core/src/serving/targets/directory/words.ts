import { argumentsWithoutSecrets } from '../../../action/secrets.ts';
import type { TargetWords } from '../../target.ts';
import type { DirectorySettings } from './settings.ts';

/** What a directory target is called in sentences. */
export function directoryWords({ root, reload, server }: DirectorySettings): TargetWords {
  return {
    says: (what) => `the link says ${what}`,
    onlyRead: `${server === undefined ? 'no url is set' : 'the server cannot say its version (version-path: none)'}, so only the link 'current' was read, not the server`,
    staging: ({ version, modelDigest }) => `Stage sha256:${modelDigest} to ${root}/releases/${version}.`,
    switching: `Switch ${root}/current${reload === undefined ? '' : ` and run ${argumentsWithoutSecrets(reload.argv).join(' ')}`}.`,
  };
}
