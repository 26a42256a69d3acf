import type { ActionContext } from '@sluice/core/action/context.ts';
import { requireDigest, storeOpener } from '@sluice/core/delivery/delivery.ts';
import { requireEvidence } from '@sluice/core/delivery/evidence.ts';
import { requireSignature } from '@sluice/core/delivery/signature.ts';
import { warnOfProblems } from '@sluice/core/ledger/problems.ts';
import { openLedger } from '@sluice/core/ledger/repository.ts';
import { chooseVersion } from './choose.ts';
import type { FetchOutcome, INPUTS } from './definition.ts';
import { alreadyPlaced, place } from './destination.ts';
import { readRequest } from './inputs.ts';
import { fetched } from './outcomes.ts';

/** Brings the model of a version into a folder, or explains why it does not. */
export async function run(context: ActionContext<(typeof INPUTS)[number]>): Promise<FetchOutcome> {
  const { directory, workspace, inputs, env, log, signal } = context;
  const request = await readRequest(context);
  const ledger = await openLedger({
    directory,
    token: inputs['github-token'],
    serverUrl: env['GITHUB_SERVER_URL'],
    log,
    signal,
  });
  const state = await ledger.read(request.model);
  warnOfProblems(state, log);
  const record = requireDigest(chooseVersion(state, request.wanted));
  const destination = { ...request, workspace };
  const there = await alreadyPlaced(destination, record.modelDigest);
  const store = storeOpener(context, request)(record);
  const evidence = await requireEvidence(store, request.model, record, request.policy);
  log.info(`The passport of ${record.version} vouches for sha256:${record.modelDigest}.`);
  const notes = [...evidence.notes, ...(await requireSignature(context, store, request, record))];
  for (const note of notes) log.info(note);
  const placed =
    there ??
    (await place(destination, record.modelDigest, (scratch) =>
      store.fetch(request.model, record.modelDigest, scratch),
    ));
  return fetched(request, state, record, { ...placed, isNew: there === undefined, evidence, notes });
}
