import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { PERMISSIONS } from '@sluice/core/evidence/signature/permission.ts';
import { verificationSummary } from '@sluice/core/evidence/signature/summary.ts';
import { ForgeRefusal } from '@sluice/core/forge/api.ts';
import { fileAttestation } from '@sluice/core/forge/attestation.ts';
import { untilCancelled } from '@sluice/core/forge/deadline.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import type { Reason } from './definition.ts';
import type { Registration, Signed } from './registration.ts';

/**
 * Signs what was found out about the model and files it with GitHub. That is done before anything is stored, so that no
 * version exists without its signature; a signature without a version says nothing that is not true.
 */
export async function signModel(
  { env, inputs, signal, log }: ActionContext,
  {
    settings,
    digest,
    evidence,
    findings,
  }: Pick<Registration, 'settings' | 'digest' | 'evidence' | 'findings'>,
): Promise<Signed> {
  const { GITHUB_SERVER_URL: server = '', GITHUB_REPOSITORY: repository = '' } = env;
  const address = `${server}/${repository}`;
  const statement = verificationSummary({
    model: { name: settings.model, digest: digest.sha256 },
    files: digest.files,
    signingRoot: digest.signingRoot,
    passport: evidence.passport.sha256,
    companions: new Map(
      [...findings.files].flatMap(([name, file]) => ('text' in file ? [[name, sha256(file.text)]] : [])),
    ),
    repository: address,
    at: new Date(),
  });
  const api = await openGitHub(env, inputs['github-token'], untilCancelled(signal));
  if (api === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "The signature has to be filed with GitHub, but there is no token. Set the input 'github-token', or leave it out to use the job's own.",
    );
  }
  const { signStatement } = await import('@sluice/core/evidence/signature/sign.ts');
  const { text, logIndex } = await signStatement(statement, signal);
  log.info(`Signed${logIndex === undefined ? '' : `, entry ${logIndex} of the public transparency log`}.`);
  const id = await fileAttestation(api, JSON.parse(text)).catch((error: unknown) => {
    throw notFiled(error, address);
  });
  return { text, sha256: sha256(text), page: `${address}/attestations/${id}`, logIndex };
}

function notFiled(error: unknown, address: string): UserError {
  const what = `The signature could not be filed with ${address}, and nothing was registered: ${errorMessage(error)}.`;
  const options = { cause: error };
  if (!(error instanceof ForgeRefusal))
    return new UserError<Reason>('service-unavailable', `${what} Run the job again.`, options);
  const remedy = `Add to the job:\n${PERMISSIONS}\nA private repository needs GitHub Enterprise Cloud for attestations; without it leave evidence.attest out.`;
  return new UserError<Reason>('no-permission', `${what} ${remedy}`, options);
}
