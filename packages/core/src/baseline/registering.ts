import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBounded } from '../action/limits.ts';
import { findRepository } from '../ledger/find-repository.ts';

/** Where forges look for workflows, and where teams keep actions of their own. */
const FOLDERS = ['.github', '.gitea', '.forgejo'];
/** More files than this are not read for the sake of a warning. */
const MOST_FILES = 500;

/** A step or a call that registers a model, or may: what a workflow of another repository does is not known here. */
const REGISTERS = /register-model|uses:\s*["']?[\w.-]+\/[\w.-]+\/\.(?:github|gitea|forgejo)\/workflows\//;

/** Whether a text of YAML registers a model, as far as it can be told without running it. */
export function mentionsRegistering(workflow: string): boolean {
  return workflow.split('\n').some((line) => !/^\s*#/.test(line) && REGISTERS.test(line));
}

/** Whether a workflow of the repository that a folder is checked out from registers models. True where there is too much to read. */
export async function workflowsRegister(directory: string): Promise<boolean> {
  const repository = await findRepository(directory);
  if (repository === undefined) return false;
  let files = 0;
  for (const folder of FOLDERS) {
    const root = path.join(repository.workTree, folder);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue;
      if (++files > MOST_FILES) return true;
      const name = path.join(entry.parentPath, entry.name);
      const bytes = await readBounded(name, { name, reason: 'bad-config', limit: LIMITS.records });
      if (mentionsRegistering(bytes.toString('utf8'))) return true;
    }
  }
  return false;
}
