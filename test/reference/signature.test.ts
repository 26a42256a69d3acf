import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startSignedProject, type SignedProject } from '@sluice/testing/sigstore/signed-project.ts';
import { WORKFLOW, startSigningWorld, type SigningWorld } from '@sluice/testing/sigstore/world.ts';
import { runPython } from './python.ts';

/* What the built register-model signs, read by others: Sigstore's Python client and in-toto's bindings. */

jest.setTimeout(60_000);

const REPOSITORY = 'https://github.com/acme/flights';

/** The entry is the first of its log: fields that say so are left out in protobuf's JSON, and the client wants them. */
function withDefaults(text: string): string {
  const parsed = JSON.parse(text) as {
    verificationMaterial: { tlogEntries: { inclusionProof: object }[] };
  };
  for (const entry of parsed.verificationMaterial.tlogEntries)
    entry.inclusionProof = { logIndex: '0', hashes: [], ...entry.inclusionProof };
  return JSON.stringify(parsed);
}

let world: SigningWorld;
let project: SignedProject;
let bundle: string;
let root: string;
beforeAll(async () => {
  world = await startSigningWorld('public');
  project = await startSignedProject(world);
  const digest = await project.train('one');
  await project.register();
  bundle = path.join(project.repository.root, 'bundle.json');
  await writeFile(bundle, withDefaults(await project.bundle(digest)));
  root = path.join(project.repository.workspace, 'trusted_root.json');
});
afterAll(async () => {
  await project.repository.remove();
  await world.stop();
});

test("Sigstore's Python client verifies it, and in-toto's bindings know every field", async () => {
  const statement = await runPython('signature.py', bundle, root, `${REPOSITORY}/${WORKFLOW}`, REPOSITORY);
  const file = path.join(project.repository.root, 'statement.json');
  await writeFile(file, statement);
  expect(JSON.parse(await runPython('statements.py', file))).toEqual([]);
});

test("Sigstore's Python client refuses it for another repository", async () => {
  const stranger = 'https://github.com/evil/flights';
  await expect(
    runPython('signature.py', bundle, root, `${REPOSITORY}/${WORKFLOW}`, stranger),
  ).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/OIDCSourceRepositoryURI.*does not match/),
  });
});
