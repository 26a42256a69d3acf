/** Something that decides about a model beside its numbers, and that a pull request changes. */
export interface ChangedRule {
  /** `rule`: one of gate.rules. `setting`: another one of sluice.yaml. `file`: a file that is part of the judging. */
  readonly kind: 'rule' | 'setting' | 'file';
  /** Name of the rule or the setting, or path of the file. */
  readonly of: string;
  /** Key of the rule, or what the file is; null where a whole rule or setting changes. */
  readonly setting: string | null;
  /** As sluice.yaml has it; null where it was not there, and for files. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What is known of how a pull request changes the rules that judge it. */
export type RuleChanges =
  | { readonly kind: 'known'; readonly changes: readonly ChangedRule[] }
  /** `why` is one sentence. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Nobody changes rules here: there is no pull request, or it is judged by the rules of the base. */
  | { readonly kind: 'none' };

/** Whether a reader has to look at the rules. */
export function hasChanges(rules: RuleChanges): boolean {
  return rules.kind === 'unknown' || (rules.kind === 'known' && rules.changes.length > 0);
}

type WrittenSettings = Readonly<Record<string, unknown>>;

/** Rules by their names; a rule of the same name is the same rule. */
export function changedRules(
  before: ReadonlyMap<string, WrittenSettings>,
  after: ReadonlyMap<string, WrittenSettings>,
): ChangedRule[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((of): ChangedRule[] => {
    const [old, now] = [before.get(of), after.get(of)];
    if (old !== undefined && now !== undefined) {
      return changedValues(old, now).map(({ key, ...values }) => ({
        kind: 'rule',
        of,
        setting: key,
        ...values,
      }));
    }
    return [{ kind: 'rule', of, setting: null, before: textOf(old), after: textOf(now) }];
  });
}

/** WrittenSettings by their names in sluice.yaml, such as `gate.evaluate`. */
export function changedSettings(before: WrittenSettings, after: WrittenSettings): ChangedRule[] {
  return changedValues(before, after).map(({ key, ...values }) => ({
    kind: 'setting',
    of: key,
    setting: null,
    ...values,
  }));
}

function changedValues(
  before: WrittenSettings,
  after: WrittenSettings,
): { readonly key: string; readonly before: string | null; readonly after: string | null }[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key) => ({ key, before: textOf(before[key]), after: textOf(after[key]) }))
    .filter((value) => value.before !== value.after);
}

/** A value in one line of YAML, its keys in their order by name: in another order it is the same value. */
function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return `${value as string | number | boolean | null}`;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const sorted = entries.sort(([a], [b]) => Number(a > b) - Number(a < b));
  return `{${sorted.map(([key, each]) => `${key}: ${textOf(each)}`).join(', ')}}`;
}

/** `auc max-regression 0.01 → 0.5`. Plain text. */
export function describeChange({ kind, of, setting, before, after }: ChangedRule): string {
  if (kind === 'file') return `${of} (${setting ?? ''})`;
  if (kind === 'rule' && setting === null) {
    return before === null ? `${of} is new ${cut(after)}` : `${of} is gone ${cut(before)}`;
  }
  return `${of}${setting === null ? '' : ` ${setting}`} ${cut(before)} → ${cut(after)}`;
}

/** The longest value that is shown; `result` has all of it. */
const LONGEST = 120;

function cut(value: string | null): string {
  if (value === null) return 'not set';
  const characters = [...value];
  return characters.length <= LONGEST ? value : `${characters.slice(0, LONGEST - 1).join('')}…`;
}
