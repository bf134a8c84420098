// Installs what package-lock.json names, when that is missing or stale. Plain JavaScript for Node 20.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { takeInstallLock } from './install-lock.mjs';

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Ends npm and what it started: they are a process group of their own where there are such. */
function endTree(child, signal) {
  if (process.platform === 'win32') child.kill(signal);
  else process.kill(-child.pid, signal);
}

/** Runs `npm ci`, which ends with this process. Resolves to its exit code, and to what ended us. */
function runNpm(root, lock) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
      detached: process.platform !== 'win32',
    });
    let endedBy;
    const onSignal = (signal) => {
      endedBy = signal;
      if (child.pid !== undefined) endTree(child, signal);
    };
    for (const signal of Object.keys(signals)) process.on(signal, onSignal);
    const end = (result) => {
      for (const signal of Object.keys(signals)) process.off(signal, onSignal);
      resolve(result);
    };
    if (child.pid !== undefined) lock.noteNpm(child.pid);
    child.on('error', (error) => end({ code: 1, problem: `npm does not start: ${error.message}` }));
    child.on('exit', (code, signal) => end({ code: code ?? 1, signal, endedBy }));
  });
}

async function install(root, lock, isInstalled) {
  // Who held the lock before may have done it.
  if (isInstalled()) return undefined;
  console.log('Installing npm packages (once, about half a minute) …');
  const { code, signal, endedBy, problem } = await runNpm(root, lock);
  if (endedBy !== undefined) return 128 + signals[endedBy];
  if (code === 0) return undefined;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  console.error(
    problem === undefined
      ? `npm ci ended with ${how}; what it says stands above. Where it speaks of the network, try npm ping.`
      : `${problem}. npm comes with Node; is it on PATH?`,
  );
  return code;
}

/**
 * Makes node_modules under `root` what package-lock.json says. Commands that are started side by side wait
 * for each other. Resolves to the exit code that this process is to end with, undefined to go on.
 */
export async function installPackages(root) {
  const lockText = readFileSync(path.join(root, 'package-lock.json'));
  const stamp = createHash('sha256').update(lockText).digest('hex');
  const stampFile = path.join(root, 'node_modules', '.slipway-installed');
  const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isInstalled()) return undefined;
  const folder = path.join(root, '.cache', 'npm-ci.lock');
  const lock = await takeInstallLock(folder, (pid) =>
    console.log(`Process ${pid} installs the npm packages; waiting for it (${folder} says so) …`),
  );
  try {
    const code = await install(root, lock, isInstalled);
    if (code === undefined) {
      mkdirSync(path.dirname(stampFile), { recursive: true });
      writeFileSync(stampFile, stamp);
    }
    return code;
  } finally {
    lock.release();
  }
}
