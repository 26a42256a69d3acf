import type * as z from 'zod/mini';
import { casesRuleSchema } from './cases/schema.ts';
import { conditionRuleSchema } from './condition/schema.ts';
import { fairnessRuleSchema } from './fairness/schema.ts';
import { metricRuleSchema } from './metric/schema.ts';

/** Each schema asks for the key that is the kind's name; no other kind has a key of that name. */
type OwnKeys<Schemas> = {
  readonly [Kind in keyof Schemas]: z.ZodMiniType<
    { readonly [Key in Kind]: unknown } & { readonly name?: string | undefined }
  >;
};

function ruleKinds<Schemas extends OwnKeys<Schemas>>(schemas: Schemas): Schemas {
  return schemas;
}

/** The schema of a rule of each kind. Apart from the table of kinds, because whoever reads sluice.yaml loads it. */
export const ruleSchemas = ruleKinds({
  metric: metricRuleSchema,
  cases: casesRuleSchema,
  fairness: fairnessRuleSchema,
  condition: conditionRuleSchema,
});

/** The kinds of rules, by the key that tells them apart. */
export type Kind = keyof typeof ruleSchemas;

/** A rule as sluice.yaml has it. */
export type WrittenRule<K extends Kind = Kind> = { [P in K]: z.infer<(typeof ruleSchemas)[P]> }[K];
