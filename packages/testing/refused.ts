import { expect } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import type { StepResult } from './action.ts';
import type { Project } from './project.ts';

/** No tag and no store. */
export async function expectNothingWritten({ repository, store }: Project): Promise<void> {
  expect(await repository.tags()).toEqual([]);
  expect(await repository.git('tag')).toBe('');
  await expect(readdir(store)).rejects.toThrow('ENOENT');
}

/** The step is red for this reason, says all of this, and left nothing. */
export async function expectRefused(
  project: Project,
  step: StepResult,
  reason: string,
  ...says: readonly (string | RegExp)[]
): Promise<void> {
  expect(step.outputs['reason-code']).toBe(reason);
  expect(step.code).toBe(1);
  const message = step.annotations.find((a) => a.level === 'error')?.message ?? '';
  for (const text of says) expect(message).toMatch(text);
  expect(step.stdout).not.toMatch(/^\s+at .*\.js:\d+/m);
  await expectNothingWritten(project);
}
