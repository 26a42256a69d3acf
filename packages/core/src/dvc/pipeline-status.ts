import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '../action/errors.ts';
import { hashFiles } from '../digest/parallel.ts';
import type { Entry } from './entry.ts';
import type { Finding } from './finding.ts';
import { digestFolder } from './listing.ts';
import { parseLock, type Lock, type LockedStage } from './lock-file.ts';
import { compareParams } from './params.ts';
import { definitionOf, type PipelineFile, type StageDefinition } from './pipeline-file.ts';
import { isAddress, type DvcProject } from './project.ts';
import { readPipeline, shownPath, readRecord } from './tracked.ts';

/** Whether a stage's entry in dvc.lock belongs to the files that are here. */
export interface StageStatus {
  readonly stage: string;
  /** What differs, one sentence each; empty for an entry that holds. */
  readonly changes: readonly string[];
  /** What was not compared and why. */
  readonly unknown: readonly string[];
}

/**
 * Compares dvc.lock of a folder with dvc.yaml and the files there, as `dvc status` does, but without pulling anything: what
 * is not there is compared by what other stages recorded. Undefined when the folder has no dvc.yaml. Throws UserError
 * `bad-config` for a file of DVC's that cannot be read.
 */
export async function pipelineStatus(
  project: DvcProject,
  folder: string,
): Promise<readonly StageStatus[] | undefined> {
  const pipeline = await readPipeline(project, folder);
  if (pipeline === undefined) return undefined;
  const lock = await readLock(project, folder);
  const written = outputsOf(lock, pipeline, folder);
  const digest = digester(project);
  const stages: StageStatus[] = [];
  for (const [stage, locked] of lock) {
    const definition = definitionOf(pipeline, stage);
    if (definition === undefined) continue;
    stages.push(await stageStatus({ stage, locked, definition, folder, written, digest }));
  }
  for (const [stage, { loop }] of pipeline.stages) {
    const ran = loop ? [...lock.keys()].some((name) => name.startsWith(`${stage}@`)) : lock.has(stage);
    if (!ran) stages.push({ stage, changes: ['it has not run yet'], unknown: [] });
  }
  return stages;
}

/** dvc.lock of a folder; empty when there is none. */
export async function readLock(project: Pick<DvcProject, 'root'>, folder: string): Promise<Lock> {
  const file = path.join(folder, 'dvc.lock');
  try {
    return parseLock(await readRecord(project, file), shownPath(project, file));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return new Map();
    throw error;
  }
}

/** The digest of a file or folder; undefined when nothing is there. */
type Digester = (absolute: string, algorithm: Entry['algorithm']) => Promise<string | undefined>;

interface Output {
  readonly stage: string;
  readonly md5: string | undefined;
}

interface Comparison {
  readonly stage: string;
  readonly locked: LockedStage;
  readonly definition: StageDefinition;
  readonly folder: string;
  /** What the stages wrote, by absolute path. */
  readonly written: ReadonlyMap<string, Output>;
  readonly digest: Digester;
}

async function stageStatus(comparison: Comparison): Promise<StageStatus> {
  const { stage, locked, definition, folder } = comparison;
  const command = compareCommand(definition.cmd, locked.cmd);
  if (definition.wdir.includes('${')) {
    const changes = command === undefined ? [] : [command.change];
    return { stage, changes, unknown: ['files, because its wdir depends on a variable'] };
  }
  const results = definition.frozen
    ? []
    : [
        ...(definition.loop ? [] : compareNames(definition, locked)),
        ...(await Promise.all(locked.deps.map((dep) => compareDependency(dep, comparison)))),
        ...(await compareParams(path.resolve(folder, definition.wdir), definition.params, locked.params)),
      ];
  const outs = await Promise.all(locked.outs.map((out) => compareOutput(out, comparison)));
  const always = definition.alwaysChanged ? [{ change: 'it runs every time (always_changed)' }] : [];
  const all = [command, ...results, ...outs, ...always].filter((result) => result !== undefined);
  return {
    stage,
    changes: all.flatMap((result) => ('change' in result ? [result.change] : [])),
    unknown: all.flatMap((result) => ('unknown' in result ? [result.unknown] : [])),
  };
}

/** A `${…}` in dvc.yaml stands for any text here: its value is compared as a parameter, where it is one. */
function compareCommand(
  now: string | readonly string[],
  then: string | readonly string[],
): { readonly change: string } | undefined {
  const pattern = [now]
    .flat()
    .map((line) =>
      line
        .split(/\$\{[^}]*\}/)
        .map(escapeRegex)
        .join('.*'),
    )
    .join('\0');
  if (new RegExp(`^${pattern}$`, 's').test([then].flat().join('\0'))) return undefined;
  return { change: 'its command changed' };
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What is new; what is gone needs no new run, says DVC. */
function compareNames(definition: StageDefinition, locked: LockedStage): Finding[] {
  const lists = [
    ['dependency', definition.deps, locked.deps],
    ['output', definition.outs, locked.outs],
  ] as const;
  return lists.flatMap(([what, now, then]) => {
    if (now.some((name) => name.includes('${'))) return [];
    const before = then.map((entry) => path.posix.normalize(entry.path).replace(/\/$/, ''));
    const after = now.map((name) => path.posix.normalize(name).replace(/\/$/, ''));
    return after
      .filter((name) => !before.includes(name))
      .map((name) => ({ change: `${what} ${name} is new` }));
  });
}

async function compareDependency(
  dep: Entry,
  { definition, folder, written, digest }: Comparison,
): Promise<Finding> {
  if (isAddress(dep.path) || dep.md5 === undefined) {
    return { unknown: `${dep.path} is outside of the project` };
  }
  const absolute = path.resolve(folder, definition.wdir, dep.path);
  const writer = written.get(absolute);
  if (writer?.md5 !== undefined && writer.md5 !== dep.md5) {
    return {
      change: `it read ${dep.path} with md5 ${dep.md5}, but ${writer.stage} wrote ${writer.md5}`,
    };
  }
  const actual = await digest(absolute, dep.algorithm);
  if (actual === dep.md5 || (actual === undefined && writer !== undefined)) return undefined;
  if (actual === undefined) return { unknown: `${dep.path} is not here` };
  return { change: `dependency ${dep.path} changed` };
}

async function compareOutput(out: Entry, { definition, folder, digest }: Comparison): Promise<Finding> {
  if (isAddress(out.path) || out.md5 === undefined) return undefined;
  const actual = await digest(path.resolve(folder, definition.wdir, out.path), out.algorithm);
  return actual === undefined || actual === out.md5 ? undefined : { change: `output ${out.path} changed` };
}

function outputsOf(lock: Lock, pipeline: PipelineFile, folder: string): Map<string, Output> {
  const outputs = new Map<string, Output>();
  for (const [stage, { outs }] of lock) {
    const wdir = definitionOf(pipeline, stage)?.wdir;
    if (wdir === undefined || wdir.includes('${')) continue;
    for (const { path: name, md5 } of outs) outputs.set(path.resolve(folder, wdir, name), { stage, md5 });
  }
  return outputs;
}

/** Digests each file once, however many stages it belongs to. */
function digester(project: DvcProject): Digester {
  const known = new Map<string, Promise<string | undefined>>();
  return (absolute, algorithm) => {
    const key = `${algorithm}\0${absolute}`;
    const digest = known.get(key) ?? digestOf(project, absolute, algorithm);
    known.set(key, digest);
    return digest;
  };
}

async function digestOf(
  project: DvcProject,
  absolute: string,
  algorithm: Entry['algorithm'],
): Promise<string | undefined> {
  const found = await stat(absolute).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) return (await digestFolder(project.root, absolute, algorithm)).md5;
  return (await hashFiles([absolute], algorithm))[0]?.hex;
}
