import { argumentsWithoutSecrets } from '../../../action/secrets.ts';
import type { TargetWords } from '../../target.ts';
import type { CommandSettings } from './settings.ts';

/** What a command target is called in sentences. */
export function commandWords({ root, program, server }: CommandSettings): TargetWords {
  const named = argumentsWithoutSecrets(program.argv).join(' ');
  return {
    says: (what) => `the program says ${what}`,
    onlyRead: `${server === undefined ? 'no url is set' : 'the server cannot say its version (version-path: none)'}, so only the program was asked, not the server`,
    staging: ({ version, modelDigest }) =>
      `Stage sha256:${modelDigest} to ${root}/releases/${version} and have ${named} bring it up.`,
    switching: `Have ${named} move the traffic.`,
  };
}
