import { COMMON_REASONS } from '@sluice/core/action/reasons.ts';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT, actionNames, readDefinition, readMetadata, readResultSchema } from './actions.ts';
import { formatted } from './markdown.ts';
import { renewReadme } from './readme.ts';
import { referencePage } from './reference.ts';
import {
  commandAnswerJsonSchema,
  countsJsonSchema,
  commandRequestJsonSchema,
  configJsonSchema,
  lockJsonSchema,
  resultJsonSchema,
} from './schemas.ts';
import { troubleshootingPage } from './troubleshooting.ts';
import { workflowsPage } from './workflows.ts';

/** Every generated file with the contents it should have; paths are relative to the project. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const files = new Map([
    [path.join('schemas', 'sluice.schema.json'), json(configJsonSchema())],
    [path.join('schemas', 'sluice.lock.schema.json'), json(lockJsonSchema())],
    [path.join('schemas', 'command-target.request.schema.json'), json(commandRequestJsonSchema())],
    [path.join('schemas', 'analysis-counts.schema.json'), json(countsJsonSchema())],
    [path.join('schemas', 'command-target.answer.schema.json'), json(commandAnswerJsonSchema())],
  ]);
  const actions = [];
  for (const name of await actionNames()) {
    const folder = path.join(ROOT, 'actions', name);
    const definition = await readDefinition(folder);
    actions.push({ action: name, reasons: definition.reasons });
    const readme = path.join('actions', name, 'README.md');
    if (existsSync(path.join(ROOT, readme))) {
      const text = await readFile(path.join(ROOT, readme), 'utf8');
      const metadata = await readMetadata(folder);
      files.set(readme, await renewReadme(path.join(ROOT, readme), text, metadata, definition));
    }
    const reasons = Object.keys({ ...definition.reasons, ...COMMON_REASONS });
    const schema = resultJsonSchema(name, reasons, await readResultSchema(folder));
    files.set(path.join('schemas', `${name}.result.schema.json`), json(schema));
  }
  const pages = {
    'docs/reference.md': referencePage(configJsonSchema()),
    'docs/troubleshooting.md': troubleshootingPage(actions),
    'docs/workflows.md': await workflowsPage(),
  };
  for (const [file, text] of Object.entries(pages))
    files.set(path.normalize(file), await formatted(path.join(ROOT, file), text));
  return files;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
