// `npm run test:fuzz`: random inputs of every kind, seeded. No `internal`, no hang, no green without a judged rule.
import { fork } from 'node:child_process';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Report, Work } from './worker.ts';

/** An input that takes longer hangs; where programs are started, a busy machine may need longer than the input does. */
const hangMs = (subject: string): number => (subject.startsWith('built') ? 60_000 : 10_000);

const { values: given } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    inputs: { type: 'string', default: '10000' },
    /** One input alone, to look at it. */
    only: { type: 'string' },
  },
});
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const [seconds, inputs] = [Number(given.seconds), Number(given.inputs)];
const only = given.only === undefined ? undefined : Number(given.only);

const counts = new Map<string, number>();
const found = new Map<number, string>();
const ends = Date.now() + seconds * 1000;

/** Ends with its work, with the time, or with a process that hangs, which is replaced from the next input on. */
function runWorker(work: Work): Promise<void> {
  return new Promise((resolve) => {
    const child = fork(path.join(path.dirname(fileURLToPath(import.meta.url)), 'worker.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let current: (Report & { readonly at: number }) | undefined;
    let next = work.first;
    let hung = false;
    const watch = setInterval(() => {
      hung = current?.kind === 'began' && Date.now() - current.at > hangMs(current.subject);
      if (hung && current !== undefined) note(current, `no end within ${hangMs(current.subject) / 1000} s`);
      if (hung || Date.now() > ends) child.kill('SIGKILL');
    }, 200);
    child.on('message', (message) => {
      const report = message as Report;
      current = { ...report, at: Date.now() };
      if (report.kind === 'began') return;
      next = report.index + work.step;
      counts.set(report.subject, (counts.get(report.subject) ?? 0) + 1);
      if (report.kind === 'found') note(report, report.what);
    });
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      const unfinished = current?.kind === 'began' ? current : undefined;
      if (signal === null && unfinished !== undefined)
        note(unfinished, `the process ended with exit code ${code}`);
      const rest = { ...work, first: unfinished === undefined ? next : unfinished.index + work.step };
      if (unfinished === undefined || Date.now() > ends || rest.first >= work.end) resolve();
      else resolve(runWorker(rest));
    });
    child.send(work);
  });
}

function note({ index, subject }: Report, what: string): void {
  found.set(index, what);
  console.error(
    `\n${subject}, input ${index}: ${what}\n  Again: SEED=${seed} npm run test:fuzz -- --only=${index}`,
  );
}

console.log(
  `Seed ${seed}: up to ${inputs} inputs in ${seconds} s. Repeat with SEED=${seed} npm run test:fuzz.`,
);
const workers = only === undefined ? Math.min(4, Math.max(2, os.availableParallelism())) : 1;
await Promise.all(
  Array.from({ length: workers }, (_, i) =>
    runWorker(
      only === undefined
        ? { seed, first: i, step: workers, end: inputs }
        : { seed, first: only, step: 1, end: only + 1 },
    ),
  ),
);
for (const [subject, count] of [...counts].sort()) console.log(`${String(count).padStart(6)}  ${subject}`);
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
console.log(`${total} inputs, ${found.size} findings.`);
if (found.size > 0 || total === 0) process.exitCode = 1;
