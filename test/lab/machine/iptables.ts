import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Layout } from '../places/layout.ts';

const run = promisify(execFile);

/** The chain that holds all rules of a lab in each of its tables. */
export function labChain(layout: Layout): string {
  return layout.network.toUpperCase();
}

/**
 * The commands that take a lab's rules out of a table, from what `iptables -S` prints of it: jumps
 * into its chains first, for a chain that is jumped to cannot be deleted.
 */
export function removalCommands(rules: string, chain: string): string[][] {
  const lines = rules.split('\n').map((line) => line.trim().split(' '));
  const own = (name: string | undefined): boolean =>
    name === chain || name?.startsWith(`${chain}-`) === true;
  const jumps = lines.filter(
    (words) => words[0] === '-A' && !own(words[1]) && words.some((word) => own(word)),
  );
  const chains = lines.filter((words) => words[0] === '-N' && own(words[1]));
  return [
    ...jumps.map((words) => ['-D', ...words.slice(1)]),
    ...chains.map(([, name]) => ['-F', name ?? '']),
    ...chains.map(([, name]) => ['-X', name ?? '']),
  ];
}

/** Removes the lab's chains and the jumps to them. */
export async function removeServiceRouting(iptables: string, layout: Layout): Promise<void> {
  for (const table of ['nat', 'filter']) {
    const base = ['--wait', '10', '--table', table];
    const { stdout } = await run(iptables, [...base, '-S']);
    for (const command of removalCommands(stdout, labChain(layout)))
      await run(iptables, [...base, ...command]);
  }
}
