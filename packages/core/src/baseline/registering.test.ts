import { expect, test } from '@jest/globals';
import { mentionsRegistering } from './registering.ts';

test.each([
  ['a step that registers', '      - uses: sluice-ml/sluice/actions/register-model@v1', true],
  ['a workflow of another repository', "    uses: 'acme/ci/.github/workflows/pipeline.yml@v2'", true],
  ['one of its own, which is read as well', '    uses: ./.github/workflows/pipeline.yml', false],
  ['a comment', '      # - uses: sluice-ml/sluice/actions/register-model@v1', false],
  ['another action', '      - uses: sluice-ml/sluice/actions/evaluate-gate@v1', false],
])('%s: %s', (_, line, expected) => {
  expect(mentionsRegistering(`on: push\njobs:\n${line}\n`)).toBe(expected);
});
