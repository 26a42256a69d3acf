import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './actions.ts';
import { code, markdownTable } from './markdown.ts';

/** A workflow that others call, as far as the page tells of it. */
interface CalledWorkflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, CalledInput>>;
      readonly secrets: Readonly<Record<string, { readonly description: string }>>;
      readonly outputs?: Readonly<Record<string, { readonly description: string }>>;
    };
  };
  readonly jobs: Readonly<Record<string, { readonly permissions: Readonly<Record<string, string>> }>>;
}
interface CalledInput {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string | number | boolean;
}

const WORKFLOWS = {
  'pull-request': 'For a pull request: checks out, sets the project up, trains, and judges the model.',
  pipeline:
    'For a push to main: trains, judges and registers the model in one job and, with `environment`, deploys it in another, which may run elsewhere.',
  rollback: 'For a button: brings an environment back to the last good version, or to a named one.',
};

/** docs/workflows.md: what the workflows of `.github/workflows` that teams call take and need. */
export async function workflowsPage(): Promise<string> {
  const sections = Object.entries(WORKFLOWS).map(async ([name, what]) => {
    const text = await readFile(path.join(ROOT, '.github', 'workflows', `${name}.yml`), 'utf8');
    return `## ${name}.yml\n\n${what}\n\n${sectionOf(name, parse(text) as CalledWorkflow)}`;
  });
  return `# Workflows to call

Three workflows of this repository are the steps of a team's own, so that its files are ten lines each; this page is generated from them. [docs/adopt](adopt/scikit-learn.md)
shows whole projects that call them. They pass on nothing but what is named here; secrets are named one by one, and all are
optional. A project that needs more (services, roles by OIDC, signatures) writes the steps itself, as [the README](../README.md)
shows.

The variable \`MLFLOW_TRACKING_URI\` of the repository is read too, and an environment's reviewers are waited for by the deployment.

${(await Promise.all(sections)).join('\n\n')}
`;
}

function sectionOf(name: string, { on, jobs }: CalledWorkflow): string {
  const { inputs, secrets, outputs = {} } = on.workflow_call;
  const permissions = permissionsOf(jobs);
  const call = [
    `permissions: { ${permissions.join(', ')} }`,
    'jobs:',
    '  model:',
    `    uses: sluice-ml/sluice/.github/workflows/${name}.yml@v1`,
    ...(Object.values(inputs).some(({ required }) => required)
      ? ['    with: { environment: production, reason: too many false alarms }']
      : []),
  ];
  return [
    `\`\`\`yaml\n${call.join('\n')}\n\`\`\``,
    markdownTable(['input', 'what it is', 'default'], Object.entries(inputs).map(inputRow)),
    ...Object.entries(outputs).map(
      ([output, { description }]) => `Output: ${code(output)}, ${lowered(description)}.`,
    ),
    `Secrets: ${Object.keys(secrets).map(code).join(', ')}.`,
  ].join('\n\n');
}

function inputRow([name, { description, required, default: fallback }]: [string, CalledInput]): string[] {
  const without = fallback === undefined || fallback === '' ? '' : code(String(fallback));
  return [code(name), `${description}.`, required === true ? '**required**' : without];
}

/** The most that any job of the workflow asks for: what the caller has to grant. */
function permissionsOf(jobs: CalledWorkflow['jobs']): string[] {
  const most = new Map<string, string>();
  for (const { permissions } of Object.values(jobs))
    for (const [scope, level] of Object.entries(permissions))
      if (most.get(scope) !== 'write') most.set(scope, level);
  return [...most].map(([scope, level]) => `${scope}: ${level}`);
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
