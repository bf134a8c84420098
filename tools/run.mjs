// The one entry behind every `npm run` command. Plain JavaScript for Node 20 and later: it installs
// the project's packages when they are missing or stale, finds a Node 24 (the version that actions
// run on), and hands over to the TypeScript of the command.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { installPackages } from './install/npm-packages.mjs';

const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '..',
);
const commands = ['build', 'check', 'test', 'demo', 'bench', 'lab'];
const [command, ...args] = process.argv.slice(2);
if (command === undefined || !commands.includes(command)) {
  console.error(`usage: node tools/run.mjs ${commands.join('|')} [arguments]`);
  process.exit(2);
}

/** The Node 24 that runs this, or the one that npm installed for this machine. */
function findNode24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`);
    return path.join(path.dirname(manifest), binary);
  } catch {
    if (Number(process.versions.node.split('.')[0]) > 24) return process.execPath;
    console.error(
      `Node 24 is needed and npm has no package of it for ${process.platform}-${process.arch}: install Node 24 and try again.`,
    );
    process.exit(1);
  }
}

const failure = await installPackages(root);
if (failure !== undefined) process.exit(failure);
const node = findNode24();
const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', path.join(root, 'tools', `${command}.ts`), ...args],
  {
    cwd: process.cwd(),
    stdio: 'inherit',
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` },
  },
);
// The terminal signals the whole group; a plain kill reaches only this process, so it is passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
