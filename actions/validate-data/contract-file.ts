import { UserError } from '@sluice/core/action/errors.ts';
import { parseYaml } from '@sluice/core/config/parse.ts';
import { contractSchema, type Contract } from '@sluice/core/data/contract-schema.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseDocument } from 'yaml';

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
  const text = await readFile(file, 'utf8');
  if (text.trim() === '') {
    throw new UserError(
      'bad-config',
      `The contract ${name} is empty. Write an ODCS v3.1 contract, or delete it to get one suggested.`,
    );
  }
  const contract = parseYaml(text, contractSchema, { name, reason: 'bad-config' });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return {
    contract,
    name,
    sha256: sha256(text),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}
