import type { Writable } from 'node:stream';
import * as core from '@actions/core';
import { rememberSecret, withoutSecrets } from './secrets.ts';
import { visible } from '../report/visible.ts';

/**
 * Makes text harmless for the runner's log parser, so that a value from a file, a branch name or a server
 * cannot issue a workflow command (`::add-mask::`, `##[error]`), steer a terminal or reorder what is read, and shows no secret.
 */
export function inert(text: string): string {
  return visible(withoutSecrets(text))
    .replace(/^([\s\u0085]*):(?=:)/gm, '$1:​')
    .replace(/##(?=\[)/g, '#​#');
}

/** Prints lines; everything that passes through here is inert. */
export interface Log {
  info(text: string): void;
  /** Worth reading, though nothing is wrong. */
  notice(text: string): void;
  warning(text: string, place?: { title?: string; file?: string; line?: number }): void;
  debug(text: string): void;
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}

/** A log that can also relay the bytes of a command's output, made inert as a whole by `runCommand`. */
export interface StepLog extends Log {
  readonly raw: Writable;
}

/** Text for a workflow command of ours, which the toolkit escapes. */
export function plain(text: string): string {
  return visible(withoutSecrets(text));
}

/** The log of a real step. */
export const stepLog: StepLog = {
  info: (text) => core.info(inert(text)),
  notice: (text) => core.notice(plain(text)),
  warning: (text, place = {}) =>
    core.warning(plain(text), {
      ...(place.title === undefined ? {} : { title: place.title }),
      ...(place.file === undefined ? {} : { file: place.file }),
      ...(place.line === undefined ? {} : { startLine: place.line }),
    }),
  debug: (text) => core.debug(plain(text)),
  group: (title, body) => core.group(inert(title), body),
  raw: process.stdout,
};

/** Hides a secret in everything that is printed or written from now on. */
export function maskSecret(secret: string): void {
  rememberSecret(secret);
  core.setSecret(secret);
}
