import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { passedOn } from './environment.ts';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');

/** What a step left behind, read as the runner reads it. */
export interface StepResult {
  readonly code: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** The parsed `result` output. */
  readonly result: Readonly<Record<string, unknown>>;
  readonly summary: string;
  readonly stdout: string;
  /** Workflow commands such as `::error title=…::text`, unescaped. */
  readonly annotations: readonly { level: string; message: string; properties: Record<string, string> }[];
}

interface StepOptions {
  /** The checkout. */
  readonly workspace: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly kill?: Kill;
}

/** A signal, sent once `after` appears in the output, or has come. */
export interface Kill {
  readonly signal: NodeJS.Signals;
  readonly after: string | Promise<void>;
}

/** Runs a built action as the runner does: `node <runs.main>` with defaults from action.yml, inputs in the environment. */
export async function runStep(action: string, options: StepOptions): Promise<StepResult> {
  const folder = path.join(ROOT, 'actions', action);
  const metadata = parse(await readFile(path.join(folder, 'action.yml'), 'utf8')) as {
    runs: { main: string };
    inputs?: Record<string, { default?: string }>;
  };
  const files = await mkdtemp(path.join(os.tmpdir(), 'sluice-step-'));
  const commandFile = async (name: string): Promise<string> => {
    const file = path.join(files, name);
    await writeFile(file, '');
    return file;
  };
  const [output, summary] = await Promise.all([commandFile('output'), commandFile('summary')]);
  const env: NodeJS.ProcessEnv = {
    ...passedOn(),
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: options.workspace,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    RUNNER_TEMP: files,
    RUNNER_TOOL_CACHE: path.join(ROOT, '.cache', 'tool-cache'),
    ...options.env,
  };
  const given = options.inputs ?? {};
  for (const [name, { default: fallback }] of Object.entries(metadata.inputs ?? {})) {
    const value = given[name] ?? (fallback?.startsWith('${{') ? '' : (fallback ?? ''));
    env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
  }
  const unknown = Object.keys(given).filter((name) => !(name in (metadata.inputs ?? {})));
  if (unknown.length > 0) throw new Error(`${action} has no input ${unknown.join(', ')}`);
  const { code, stdout } = await finished(path.join(folder, metadata.runs.main), env, options);
  const outputs = parseCommandFile(await readFile(output, 'utf8'));
  const markdown = await readFile(summary, 'utf8');
  await rm(files, { recursive: true, force: true });
  return {
    code,
    outputs,
    result: outputs['result'] === undefined ? {} : (JSON.parse(outputs['result']) as Record<string, unknown>),
    summary: markdown,
    stdout,
    annotations: parseAnnotations(stdout),
  };
}

function finished(
  main: string,
  env: NodeJS.ProcessEnv,
  { workspace, kill }: StepOptions,
): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main], { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let killed = false;
    const collect = (chunk: Buffer): void => {
      stdout += chunk.toString('utf8');
      if (typeof kill?.after === 'string' && !killed && stdout.includes(kill.after)) {
        killed = true;
        child.kill(kill.signal);
      }
    };
    if (kill !== undefined && typeof kill.after !== 'string') {
      kill.after.then(() => child.kill(kill.signal), reject);
    }
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

/** The heredoc format of GITHUB_OUTPUT. */
function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, name, , value] of text.matchAll(/^([^\s=]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)) {
    if (name !== undefined && value !== undefined) values[name] = value;
  }
  return values;
}

function parseAnnotations(stdout: string): StepResult['annotations'] {
  return [...stdout.matchAll(/^::(error|warning|notice)(?: ([^\n]*?))?::([^\n]*)$/gm)].map(
    ([, level, list, text]) => ({
      level: level ?? '',
      message: unescape(text ?? ''),
      properties: Object.fromEntries(
        (list ?? '')
          .split(',')
          .filter((p) => p.includes('='))
          .map((p) => [p.slice(0, p.indexOf('=')), unescape(p.slice(p.indexOf('=') + 1))]),
      ),
    }),
  );
}

function unescape(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
