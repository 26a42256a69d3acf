import { UserError } from '../../../../action/errors.ts';
import type { Arm } from '../kind.ts';
import { isSelector } from './selector.ts';

/** A query of the team's, before it is filled in for a version. */
export type Query =
  /** Counters, which are read sample by sample. */
  | { readonly kind: 'counters'; readonly template: string }
  /** An expression whose value is the count of a window. */
  | { readonly kind: 'expression'; readonly template: string };

/** Reads a query; `place` names it in messages. Throws UserError `bad-config` for one that counts all versions alike, or no window. */
export function readQuery(template: string, place: string): Query {
  const refuse = (problem: string): never => {
    throw new UserError(
      'bad-config',
      `${place} is '${template}', ${problem}. Write a selector of counters, such as model_requests_total{version="{version}"}, or an expression with {window}, such as sum(increase(model_requests_total{version="{version}"}[{window}])).`,
    );
  };
  if (!/\{(?:version|instance)\}/.test(template)) {
    refuse('which counts every version alike: neither {version} nor {instance} is in it');
  }
  if (template.includes('{window}')) return { kind: 'expression', template };
  if (!isSelector(fill(template, { version: 'v1.0.0', weight: 0 }, 1))) {
    refuse('an expression that does not say of which window');
  }
  return { kind: 'counters', template };
}

/** Whether versions are told apart by their addresses, which they then need to have. */
export function isByInstance({ template }: Query): boolean {
  return template.includes('{instance}');
}

/** Host and port of a version, as Prometheus labels what it scrapes. */
export function instanceOf({ server }: Arm): string | undefined {
  if (server === undefined) return undefined;
  const { hostname, port, protocol } = new URL(server.url);
  const usual = protocol === 'https:' ? '443' : '80';
  return `${hostname}:${port === '' ? usual : port}`;
}

/** A query for one version. Names of versions are the ledger's, and addresses have been read as such: neither needs quoting. */
export function fill(template: string, arm: Arm, seconds: number): string {
  return template
    .replaceAll('{version}', arm.version)
    .replaceAll('{instance}', instanceOf(arm) ?? '')
    .replaceAll('{window}', `${seconds}s`);
}
