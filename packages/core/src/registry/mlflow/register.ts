import { UserError, isUserError } from '../../action/errors.ts';
import type { WriteResult } from '../../ledger/repository.ts';
import type { ModelState } from '../../ledger/state.ts';
import type { Site } from '../../mlflow/site.ts';
import type { Exhibit, Registered, Shown, Write } from '../registry.ts';
import { candidateOf, type Showing } from './candidate.ts';
import { confirm, release, reserve, restore, type Candidate } from './projection.ts';
import { shownAs } from './shown.ts';

/** How often somebody else may take the number in the ledger before this gives up. */
const ATTEMPTS = 5;

/**
 * Registers a version whose number MLflow gives, first there and then in the ledger, which decides. A run that breaks off
 * in between leaves a version in MLflow that no ledger tag names; the next run for these bytes takes it up.
 */
export async function registerNumbered(
  showing: Showing,
  exhibit: Exhibit,
  before: ModelState,
  write: Write,
): Promise<Registered> {
  const { site, log } = showing;
  const candidate = await candidateOf(showing, exhibit);
  let { takenVersions } = before;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const reservation = await reserve(site, candidate, takenVersions);
    if (reservation.skipped.length > 0) {
      log.info(
        `MLflow counted from ${reservation.skipped[0] ?? ''}, and the ledger has given these numbers already; MLflow passes over them, so that version ${reservation.number} is ${reservation.version} in both.`,
      );
    }
    const written = await write(reservation.version);
    if (written.plan.kind !== 'refused') {
      if (written.plan.version === reservation.version)
        return { written, shown: await settled(showing, exhibit, candidate, written) };
      await release(site, reservation);
      return { written, shown: await showExisting(showing, exhibit, written.plan.version) };
    }
    await release(site, reservation);
    takenVersions = written.state.takenVersions;
  }
  throw new UserError(
    'superseded',
    `Others wrote into the ledger each time MLflow had given a number, ${ATTEMPTS} times. Run the step again.`,
    { decision: 'fail' },
  );
}

/** Makes sure that MLflow shows a version that the ledger has. What MLflow refuses is no failure of the version. */
export async function showExisting(showing: Showing, exhibit: Exhibit, version: string): Promise<Shown> {
  const { site, log } = showing;
  return tolerant(site, version, async () => {
    const candidate = await candidateOf(showing, exhibit);
    const projected = await restore(site, version, candidate);
    if (projected.kind === 'differs') return { behind: projected.message };
    if (projected.kind === 'changed') log.info(projected.message);
    await confirm(site, projected.number, `${exhibit.model}@${version}`, candidate.publication);
    return shownAs(site, exhibit, candidate.publication, projected.number);
  });
}

/** The ledger has the version; from here on MLflow can only be behind. */
async function settled(
  { site }: Showing,
  exhibit: Exhibit,
  candidate: Candidate,
  { plan, state }: WriteResult,
): Promise<Shown> {
  if (plan.kind === 'refused') return {};
  const record = state.versions.find((v) => v.version === plan.version);
  const number = plan.version.slice(1, plan.version.indexOf('.'));
  return tolerant(site, plan.version, async () => {
    await confirm(site, number, record?.tag ?? '', candidate.publication);
    return shownAs(site, exhibit, candidate.publication, number);
  });
}

async function tolerant(site: Site, version: string, body: () => Promise<Shown>): Promise<Shown> {
  try {
    return await body();
  } catch (error) {
    if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
    return {
      behind: `The ledger has ${version}, but MLflow at ${site.api.connection.uri} does not show it as it should: ${error.message} Run this step again for the same bytes; that repairs it.`,
    };
  }
}
