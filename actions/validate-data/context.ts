import { nameWithin } from '@sluice/core/action/paths.ts';
import type { ActionContext } from '@sluice/core/action/context.ts';
import type { INPUTS } from './definition.ts';

export type Context = ActionContext<(typeof INPUTS)[number]>;

/** A path for people and annotations: relative to the checkout, with `/`. */
export function shown(context: Pick<Context, 'workspace'>, absolute: string): string {
  return nameWithin(context.workspace, absolute);
}
