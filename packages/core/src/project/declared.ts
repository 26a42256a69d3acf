import * as path from 'node:path';
import { isTable } from '../action/file-kind.ts';
import { nameWithin } from '../action/paths.ts';
import type { PipelineFile, StageDefinition } from '../dvc/pipeline-file.ts';
import { isAddress } from '../dvc/project.ts';

/** A file or folder that dvc.yaml says may be meant. */
export interface Candidate {
  /** Relative to the project's folder, with `/`; `${…}` stands as written. */
  readonly path: string;
  /** How messages call its place. */
  readonly what: string;
  /** The artifact's id in dvc.yaml. */
  readonly id?: string;
}

/** What a dvc.yaml says about a project. */
export interface Declared {
  /** dvc.yaml relative to the project's folder. */
  readonly name: string;
  /** Whether a setting names it; else it merely lies in the project's folder. */
  readonly isNamed: boolean;
  readonly 'model-path': readonly Candidate[];
  readonly metrics: readonly Candidate[];
  readonly predictions: readonly Candidate[];
  /** Parameter files in YAML and JSON. */
  readonly params: readonly string[];
  /** Files of data that stages read and no stage writes. */
  readonly data: readonly Candidate[];
}

interface Place {
  readonly file: PipelineFile;
  /** Absolute folder of dvc.yaml. */
  readonly folder: string;
  readonly name: string;
  readonly place?: string;
}

/** Collects what dvc.yaml says; `base` is the absolute folder of the project. */
export function declaredBy({ file, folder, name, place }: Place, base: string): Declared {
  const stages = [...file.stages.values()].filter(({ wdir }) => !wdir.includes('${'));
  const below = (wdir: string, at: string): string => nameWithin(base, path.resolve(folder, wdir, at));
  const once = (paths: readonly string[], what: string): Candidate[] =>
    [...new Set(paths)].map((at) => ({ path: at, what: `${what} of ${name}` }));
  const ofStages = (pick: (stage: StageDefinition) => Iterable<string>): string[] =>
    stages.flatMap((stage) => [...pick(stage)].map((at) => below(stage.wdir, at)));
  const artifacts = (type: string): Candidate[] =>
    [...file.artifacts]
      .filter(([, artifact]) => artifact.type === type && !isAddress(artifact.path))
      .map(([id, artifact]) => ({
        id,
        path: below('.', artifact.path),
        what: `artifacts.${id}.path of ${name}`,
      }));
  const top = (paths: readonly string[]): string[] => paths.map((at) => below('.', at));
  const written = new Set(ofStages((stage) => stage.outs));
  const read = ofStages((stage) => stage.deps.filter((at) => !isAddress(at)));
  return {
    name,
    isNamed: place !== undefined,
    'model-path': artifacts('model'),
    predictions: artifacts('predictions'),
    metrics: once([...top(file.metrics), ...ofStages((stage) => stage.metrics)], 'metrics'),
    params: [...new Set([...top(file.params), ...ofStages((stage) => stage.params.keys())])].filter(
      (at) => !at.includes('${') && /\.(?:ya?ml|json)$/.test(at),
    ),
    data: once(
      read.filter((at) => isTable(at) && !written.has(at)),
      'deps',
    ),
  };
}

/** The files that stages read and no stage writes, as absolute paths; those with `${…}` are left to DVC. */
export function pipelineSources({ file, folder }: Pick<Place, 'file' | 'folder'>): string[] {
  const stages = [...file.stages.values()].filter(({ wdir }) => !wdir.includes('${'));
  const absolutes = (pick: 'deps' | 'outs'): string[] =>
    stages.flatMap((stage) =>
      stage[pick]
        .filter((at) => !at.includes('${') && !isAddress(at))
        .map((at) => path.resolve(folder, stage.wdir, at)),
    );
  const written = new Set(absolutes('outs'));
  return [...new Set(absolutes('deps'))].filter((source) => !written.has(source));
}
