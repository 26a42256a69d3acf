import { mkdtemp, readdir, rm, truncate, writeFile, unlink } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { describeStore, type Stored } from './store.ts';

interface Folder {
  readonly root: string;
}

const entryOf = ({ root }: Folder, { model, digest }: Stored): string =>
  path.join(root, model, 'sha256', digest);

describeStore({
  scheme: 'dir',
  async fresh() {
    const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-directory-'));
    const folder = { root };
    return {
      root,
      uri: `dir:${root}`,
      env: {},
      changeFile: (at, file) => writeFile(path.join(entryOf(folder, at), 'model', file), 'changed'),
      removeFile: (at, file) => unlink(path.join(entryOf(folder, at), 'model', file)),
      describeAnew: (at, text) => writeFile(path.join(entryOf(folder, at), 'entry.json'), text),
      async hasBegun({ model, digest }) {
        const names = await readdir(path.join(root, model, 'sha256')).catch(() => []);
        return names.some((name) => name.startsWith(`.${digest}.`));
      },
      close: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
    };
  },
  oneWinner: true,
  manyFiles: 3_000,
  longestPath: 2000,
  refusedNames: {},
  // Neither root nor anybody else writes there.
  refuseWriting: { use: async () => ({ uri: 'dir:/sys/store', env: {} }) },
  refuseReading: { cannot: 'the administrator, as whom tests may run, reads every folder' },
  fill: { use: { bytes: 20_000_000, fileLimitKb: 8000, says: /EFBIG.*ulimit -f/s } },
  describeHugely: {
    use: (folder, at) => truncate(path.join(entryOf(folder, at), 'entry.json'), 1 << 30),
  },
  cutter: { cannot: 'nothing goes over a connection' },
  resumes: false,
});
