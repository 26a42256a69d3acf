import { UserError } from '@sluice/core/action/errors.ts';
import { LIMITS, readBounded } from '@sluice/core/action/limits.ts';
import { linesOf, parseYaml } from '@sluice/core/schema/parse.ts';
import { contractSchema, type Contract } from '@sluice/core/data/contract-schema.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import type { Reason } from './definition.ts';

/** A contract with what is needed to point at its lines. */
export interface ContractFile {
  readonly contract: Contract;
  /** Relative to the checkout. */
  readonly name: string;
  readonly sha256: string;
  /** 1-based line of a place in the contract. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Reads a contract. Throws `bad-config` with line and column for what the ODCS schema does not allow. */
export async function readContract(file: string, name: string): Promise<ContractFile> {
  const read = await readBounded(file, { name, reason: 'bad-config', limit: LIMITS.settings });
  const text = read.toString('utf8');
  if (text.trim() === '') {
    throw new UserError<Reason>(
      'bad-config',
      `The contract ${name} is empty. Write an ODCS v3.1 contract, or delete it to get one suggested.`,
    );
  }
  const contract = parseYaml(text, contractSchema, { name, reason: 'bad-config' });
  return {
    contract,
    name,
    sha256: sha256(text),
    lineOf: linesOf(text),
  };
}
