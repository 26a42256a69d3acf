import * as path from 'node:path';
import { UserError, errorCode, errorMessage } from '../action/errors.ts';
import { readGolden, type GoldenCase } from '../serving/golden.ts';
import { serversOf } from '../serving/reading.ts';
import type { Scene } from './scene.ts';
import type { KnownVersion, RolloutState } from './state.ts';

/** The golden cases of versions, as they become known. */
export interface Golden {
  /** Reads the cases that lie in a staged model and, of what is to be deployed, those that were recorded. */
  staged(version: KnownVersion, modelPath: string, state: RolloutState): Promise<void>;
  /** Whether cases lie in the model and were not read yet. */
  lieInModel(version: KnownVersion): boolean;
  /** All cases of a version. */
  of(version: KnownVersion): Promise<readonly GoldenCase[]>;
}

/** Gathers golden cases from the repository, the model and what was recorded at its registration. */
export function gatherGolden({
  target,
  verification,
  recordedGolden,
  report,
}: Pick<Scene, 'target' | 'verification' | 'recordedGolden' | 'report'>): Golden {
  const inModel = new Map<string, readonly GoldenCase[]>();
  const recorded = new Map<string, readonly GoldenCase[]>();
  const isAsked = verification.recorded && serversOf(target).length > 0;

  /** A way back is not held up by a store that is down. */
  async function whereReadable(version: KnownVersion): Promise<readonly GoldenCase[]> {
    try {
      return await recordedGolden(version);
    } catch (error) {
      const message = `The golden requests of ${version.version} could not be read: ${errorMessage(error)}`;
      report([{ check: 'golden', verdict: 'not-checked', cases: 0, failed: 0, failures: [], message }]);
      return [];
    }
  }

  return {
    async staged(version, modelPath, { phase, kind }) {
      if (phase === 'staging-stable') return;
      inModel.set(version.version, await readModelGolden(modelPath, verification.modelGolden));
      // What cannot be verified is found out before anything moves.
      if (phase === 'staging' && kind === 'deploy' && isAsked)
        recorded.set(version.version, await recordedGolden(version));
    },
    lieInModel: ({ version }) => verification.modelGolden.length > 0 && !inModel.has(version),
    async of(version) {
      if (isAsked && !recorded.has(version.version))
        recorded.set(version.version, await whereReadable(version));
      return [
        ...verification.golden,
        ...(inModel.get(version.version) ?? []),
        ...(recorded.get(version.version) ?? []),
      ];
    },
  };
}

/** The golden cases that travel with a model. Throws UserError `missing-file` for a file that it does not have. */
async function readModelGolden(modelPath: string, files: readonly string[]): Promise<GoldenCase[]> {
  const cases: GoldenCase[] = [];
  for (const file of files) {
    const place = `{model-path}/${file}`;
    try {
      cases.push(...(await readGolden(path.join(modelPath, file), place)));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EISDIR') throw error;
      throw new UserError(
        'missing-file',
        `verify.golden names ${place}, but the model has no such file. Write it when training, or take it out of verify.golden.`,
        { cause: error },
      );
    }
  }
  return cases;
}
