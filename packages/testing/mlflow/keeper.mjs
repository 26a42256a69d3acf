// usage: node keeper.mjs <program> [arguments…]
// Runs a program in a process group of its own, and ends the whole group when standard input ends: so a server and its
// workers never outlive the test that started it, however that one dies.
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
const end = () => {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
process.stdin.resume().once('end', end);
child.once('error', () => process.exit(127));
child.once('exit', (code) => {
  end();
  process.exit(code ?? 1);
});
