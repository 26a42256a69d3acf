import { readdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/**
 * Puts a git into a folder that counts the pushes in its file `pushes`. The one whose number the file `push` has kills whoever
 * started it: when it has ended, or before it begins where there is a file `before`.
 */
export async function writeGitKiller(bin: string): Promise<void> {
  const git = await gitPath();
  await writeFile(
    path.join(bin, 'git'),
    `#!/bin/sh
case " $* " in *" push "*)
  echo >> "${bin}/pushes"
  if [ "$(wc -l < "${bin}/pushes")" -eq "$(cat "${bin}/push" 2>/dev/null || echo 0)" ]; then
    [ -e "${bin}/before" ] && { kill -9 $PPID; exit 1; }
    "${git}" "$@"; kill -9 $PPID; exit 1
  fi;;
esac
exec "${git}" "$@"
`,
    { mode: 0o755 },
  );
}

async function gitPath(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter))
    if ((await readdir(folder).catch((): string[] => [])).includes('git')) return path.join(folder, 'git');
  throw new Error('git is not on PATH');
}
