import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { CHAPTERS } from './chapters.ts';
import { readLedger } from './ledger.ts';
import { storyPage, type ChapterReport } from './page.ts';
import { heading, printLedger, tellChapter } from './terminal.ts';
import { ROOT, createWorld, type World } from './world.ts';

const keep = process.argv.includes('--keep');
const started = performance.now();
const scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'sluice-story-')));
let world: World | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    world?.server.process.kill();
    console.error(`\nStopped. What there was so far is in ${scratch}`);
    process.exit(130);
  });
}

let failed = true;
try {
  world = await createWorld(scratch, { detached: keep });
  const reports = await tellStory(world);
  failed = reports.some(({ claims }) => claims.some(({ holds }) => !holds));
  await conclude(world, reports);
} catch (error) {
  console.error(error);
} finally {
  if (!keep) await world?.server.stop();
  if (!keep && !failed) await rm(scratch, { recursive: true });
}
heading(
  `${failed ? 'FAILED' : 'Everything held'} after ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
if (failed) console.log(`  All logs are kept in ${path.join(scratch, 'logs')}`);
process.exit(failed ? 1 : 0);

/** Tells the chapters in order; after one that did not hold, the next would only fail for the same reason. */
async function tellStory(of: World): Promise<ChapterReport[]> {
  const reports: ChapterReport[] = [];
  for (const [index, chapter] of CHAPTERS.entries()) {
    const { teller, report } = tellChapter(chapter, index + 1, CHAPTERS.length);
    reports.push(report);
    await chapter.run(of, teller);
    if (report.claims.some(({ holds }) => !holds)) break;
  }
  return reports;
}

async function conclude({ git, remote, server, runner }: World, reports: ChapterReport[]): Promise<void> {
  const ledger = readLedger(remote);
  heading('The ledger: annotated tags of the repository');
  printLedger(ledger);
  const page = path.join(ROOT, '.scratch', 'story.html');
  await mkdir(path.dirname(page), { recursive: true });
  await writeFile(page, await storyPage(reports, ledger));
  heading('Look further');
  console.log(`  All job summaries on one page: ${page}`);
  if (!keep) {
    console.log('  Keep the server and the repository to play with: npm start -- --keep');
    return;
  }
  git('fetch', '--quiet', '--tags');
  const environment = Object.entries(runner.vars).map(([name, value]) => `${name}=${value}`);
  console.log(`  The history with the ledger's tags:  git -C ${git.directory} log --oneline --decorate
  One event in full:                   git -C ${git.directory} show --no-patch 'flight-delay@v1.0.0'
  Versions and what is live:           ${path.join(ROOT, '.venv/bin/gto')} show --repo ${git.directory} flight-delay
  The version in service:              curl ${server.url}/version
  A prediction:                        head -1 ${git.directory}/tests/golden.jsonl | python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["input"]))' | curl --data @- ${server.url}/predict
  What the steps printed:              ls ${path.join(scratch, 'logs')}
  The workflows' variables:            ${environment.join(' ')}
  When you are done:                   kill ${server.process.pid} && rm -r ${scratch}`);
}
