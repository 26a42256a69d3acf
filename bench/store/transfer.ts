// Puts a model into a store, or fetches it, as a process of its own, and prints seconds and its peak of memory.
// Usage: tsx bench/store/transfer.ts put|fetch <uri of the store> <model digest> <folder>
import { stderr } from 'node:process';
import { openAt } from '@sluice/testing/store-address.ts';
import type { Log } from '@sluice/core/action/log.ts';

const [direction, uri = '', digest = '', folder = ''] = process.argv.slice(2);
const line = (text: string): void => void stderr.write(`${text}\n`);
const log: Log = { info: line, notice: line, warning: line, debug: line, group: (_title, body) => body() };

const started = performance.now();
const store = openAt({ uri, env: process.env }, { log });
if (direction === 'put') await store.put('bench', digest, folder, new Map());
else await store.fetch('bench', digest, folder);
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1000 }));
