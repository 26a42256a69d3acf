import { spawn } from 'node:child_process';

/** A failure that the person at the keyboard can do something about: printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs a program quietly and resolves with its standard output.
 * Throws a SetupError that says what was being done, and how the output ended.
 */
export function runQuietly(what, program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let stdout = '';
    let output = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (cause) =>
      reject(new SetupError(`${what} failed: '${program}' could not be started.`, { cause })),
    );
    child.once('close', (code) => {
      if (code === 0) return resolve(stdout);
      const ending = output.trim().split('\n').slice(-20).join('\n');
      reject(new SetupError(`${what} failed (exit code ${code}). The last lines:\n${ending}`));
    });
  });
}
