// Puts a model into a store and prints what came of it; store-process.ts starts it.
import { errorMessage, isUserError } from '@sluice/core/action/errors.ts';
import { silentLog } from './log.ts';
import { openAt } from './store-address.ts';
import type { PutEnd } from './store-process.ts';

const { uri, model, digest, modelPath } = JSON.parse(process.argv[2] ?? '') as Record<
  'uri' | 'model' | 'digest' | 'modelPath',
  string
>;
async function main(): Promise<PutEnd> {
  try {
    const store = openAt({ uri, env: process.env }, { log: silentLog });
    const { created } = await store.put(model, digest, modelPath, new Map());
    return { created };
  } catch (error) {
    const reasonCode = isUserError(error) ? error.reasonCode : undefined;
    return { error: { reasonCode, message: errorMessage(error) } };
  }
}

console.log(JSON.stringify(await main()));
