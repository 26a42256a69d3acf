import { planAssignment, planUnassignment } from '@sluice/core/ledger/assignment.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { planRegistration } from '@sluice/core/ledger/registration.ts';
import { planRollback } from '@sluice/core/ledger/rollback.ts';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import type { LedgerTag, ModelState } from '@sluice/core/ledger/state.ts';

const START = Date.UTC(2026, 0, 1);
/** A moment, in seconds of the test's clock. */
export const at = (second: number): Date => new Date(START + second * 1000);
/** A digest. */
export const hex = (n: number): string => n.toString(16).padStart(64, '0');

/** A ledger in memory: what the git transport does with a plan, and nothing else. */
export class Book {
  tags: LedgerTag[] = [];
  state(): ModelState {
    return deriveState('m', this.tags);
  }
  apply(plan: Plan): Plan {
    if (plan.kind !== 'write') return plan;
    for (const { name, target, time, message } of plan.tags) {
      const commit = target.kind === 'commit' ? target.commit : `child ${name} of ${target.commit}`;
      this.tags.push({ name, commit, time, tagger: 'Sluice', message });
    }
    return plan;
  }
  register(digest: number, commit = `commit ${digest}`, now = at(0)): Plan {
    return this.apply(
      planRegistration(
        this.state(),
        {
          commit,
          modelDigest: hex(digest),
          passportDigest: hex(0),
          store: 'dir:/s',
          sluiceVersion: '0',
          version: { bump: 'major' },
        },
        now,
      ),
    );
  }
  assign(version: string, options: Partial<Parameters<typeof planAssignment>[1]> = {}, now = at(0)): Plan {
    return this.apply(
      planAssignment(
        this.state(),
        { version, environment: 'prod', releaseQuarantine: false, releaseHold: false, ...options },
        now,
      ),
    );
  }
  rollback(options: Partial<Parameters<typeof planRollback>[1]> = {}, now = at(0)): Plan {
    return this.apply(
      planRollback(
        this.state(),
        {
          environment: 'prod',
          releaseQuarantine: false,
          hold: false,
          bytesPresent: () => true,
          ...options,
        },
        now,
      ),
    );
  }
  unassign(version: string, quarantine: boolean, now = at(0)): Plan {
    return this.apply(planUnassignment(this.state(), { version, environment: 'prod', quarantine }, now));
  }
  live(): string | undefined {
    return this.state().environments.get('prod')?.live?.version;
  }
  quarantined(): string[] {
    return [...(this.state().environments.get('prod')?.quarantined ?? [])];
  }
}

/** Versions v1.0.0 … vN.0.0, deployed one after the other. */
export function deployed(count: number): Book {
  const book = new Book();
  for (let i = 1; i <= count; i++) {
    book.register(i);
    book.assign(`v${i}.0.0`);
  }
  return book;
}
