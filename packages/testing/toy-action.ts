// What the body of an action in a test may use, as one module to bundle.
export { UserError } from '@sluice/core/action/errors.ts';
export { runAction } from '@sluice/core/action/run-action.ts';
export { readModelName } from '@sluice/core/action/subject.ts';
