import type * as Expressions from '@actions/expressions';
import type { ValidationConfig, validate } from '@actions/languageservice';
import { build } from 'esbuild';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { ROOT, actionNames, readMetadata } from '../../scripts/generate/actions.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** What the validation has to know of an action. */
interface KnownAction {
  readonly inputs: Readonly<Record<string, { readonly required: boolean }>>;
  readonly outputs: readonly string[];
}

interface LanguageService {
  readonly validate: typeof validate;
  readonly DescriptionDictionary: typeof Expressions.DescriptionDictionary;
  readonly data: typeof Expressions.data;
  readonly TextDocument: {
    create(uri: string, language: string, version: number, text: string): Parameters<typeof validate>[0];
  };
}

/** Validates workflows and action.yml files as GitHub's own editor support does. */
export interface WorkflowValidator {
  /** Returns one line a finding: `line: message`. `file` decides what kind of file it is taken for. */
  check(file: string, text: string): Promise<string[]>;
}

export async function workflowValidator(): Promise<WorkflowValidator> {
  const [service, actions] = await Promise.all([loadService(), knownActions()]);
  const config: ValidationConfig = {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name, path: folder }) => {
        const id = [owner, name, folder].filter((part) => part !== undefined && part !== '').join('/');
        const known = actions.get(id);
        return known === undefined ? undefined : describe(id, known);
      },
    },
    contextProviderConfig: {
      getContext: async (name, _, { job, step: current }) => {
        // Nothing known of the others, such as `vars`: the service takes them as they come.
        if (name !== 'steps' || job === undefined || !('steps' in job)) return undefined;
        const steps = new service.DescriptionDictionary();
        for (const step of job.steps) {
          if (step.id === current?.id) break;
          if (!step.id.startsWith('__')) steps.add(step.id, stepContext(service, outputsOf(step, actions)));
        }
        return steps;
      },
    },
  };
  let checked = 0;
  return {
    check: async (file, text) => {
      // The service remembers what it parsed by address, so each text gets an address of its own.
      checked += 1;
      const document = service.TextDocument.create(`file:///${checked}/${file}`, 'yaml', 1, text);
      const findings = await service.validate(document, config);
      return findings.map(({ range, message }) => `${file}:${range.start.line + 1}: ${messageText(message)}`);
    },
  };
}

function messageText(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function describe(id: string, { inputs, outputs }: KnownAction) {
  return {
    name: id,
    description: id,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([input, { required }]) => [input, { description: input, required }]),
    ),
    outputs: Object.fromEntries(outputs.map((output) => [output, { description: output }])),
  };
}

/** The outputs a step can have, or undefined where they cannot be known (a `run:` step). */
function outputsOf(step: object, actions: ReadonlyMap<string, KnownAction>): readonly string[] | undefined {
  if (!('uses' in step)) return undefined;
  const uses = String(step.uses).split('@')[0] ?? '';
  return actions.get(uses)?.outputs;
}

function stepContext(
  { DescriptionDictionary, data }: LanguageService,
  names: readonly string[] | undefined,
): Expressions.DescriptionDictionary {
  const outputs = new DescriptionDictionary();
  outputs.complete = names !== undefined;
  for (const name of names ?? []) outputs.add(name, new data.StringData(''));
  const step = new DescriptionDictionary();
  step.add('outputs', outputs);
  step.add('conclusion', new data.Null());
  step.add('outcome', new data.Null());
  return step;
}

/** An action of the templates, as its action.yml has it. */
interface Composite {
  readonly inputs?: KnownAction['inputs'];
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly runs: { readonly using: string };
}

/** The suite's own actions and templates from their action.yml, and third-party ones from a list of their inputs and outputs. */
async function knownActions(): Promise<Map<string, KnownAction>> {
  const thirdParty = await readFile(path.join(HERE, 'third-party-actions.json'), 'utf8');
  const known = new Map(Object.entries(JSON.parse(thirdParty) as Record<string, KnownAction>));
  const own = (await actionNames()).map((name) => path.join('actions', name));
  for (const folder of [...own, path.join('action-templates', 'new-action')]) {
    const { name, inputs, outputs } = await readMetadata(path.join(ROOT, folder));
    const id = name.replace('Sluice: ', 'sluice-ml/sluice/actions/');
    known.set(id, { inputs, outputs: Object.keys(outputs) });
  }
  for (const file of globSync('action-templates/*/action.yml', { cwd: ROOT })) {
    const {
      inputs = {},
      outputs = {},
      runs,
    } = parse(await readFile(path.join(ROOT, file), 'utf8')) as Composite;
    const id = `sluice-ml/sluice/${path.dirname(file)}`;
    if (runs.using === 'composite') known.set(id, { inputs, outputs: Object.keys(outputs) });
  }
  return known;
}

async function loadService(): Promise<LanguageService> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-language-service-'));
  const outfile = path.join(folder, 'service.cjs');
  await build({
    entryPoints: [path.join(HERE, 'language-service.entry.js')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
  const service = createRequire(import.meta.url)(outfile) as LanguageService;
  await rm(folder, { recursive: true });
  return service;
}

/** The fenced YAML blocks of a markdown text, with the line each begins on. */
export async function yamlBlocks(file: string): Promise<{ line: number; text: string }[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(/^( *)```ya?ml\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    text: (match[2] ?? '').replaceAll(new RegExp(`^${match[1] ?? ''}`, 'gm'), ''),
  }));
}
