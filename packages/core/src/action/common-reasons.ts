import type { CommonReason } from './errors.ts';
import type { ReasonText } from './run-action.ts';

/** The README rows of the reason codes all actions share. */
export const COMMON_REASONS: Readonly<Record<CommonReason, ReasonText>> = {
  ok: { happened: 'Everything that was asked for holds.', remedy: 'Nothing to do.' },
  'bad-input': {
    happened: 'An input has a value that is not allowed.',
    remedy: 'The message names the input, its value and what is allowed; change the `with:` block.',
  },
  'bad-config': {
    happened: '`sluice.yaml` (or a file it names) has an unknown key, a wrong type or an unset `${NAME}`.',
    remedy: 'The message gives line and column and the nearest known key; correct the file.',
  },
  'missing-file': {
    happened: 'A file that the step needs is not there.',
    remedy: 'Check the path, and that an earlier step of the job wrote it.',
  },
  'no-permission': {
    happened: 'The token, the git remote or the file system refused.',
    remedy: 'Paste the `permissions:` lines from the message into the job, or correct the access rights.',
  },
  'service-unavailable': {
    happened:
      'A server, the git remote or a package registry did not answer as it should, also after retries.',
    remedy: 'Run the job again; if it stays, check the address and the network in the message.',
  },
  timeout: {
    happened: 'Something took longer than allowed.',
    remedy: 'Find out why it hangs, or raise the timeout named in the message.',
  },
  cancelled: {
    happened: 'The job was cancelled; what was half done has been undone.',
    remedy: 'Run the job again when ready.',
  },
  internal: {
    happened: 'A bug in Sluice.',
    remedy: 'Report it with the log; the message has the address.',
  },
};
