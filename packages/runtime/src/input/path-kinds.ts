import path from 'node:path';
import { quoted } from '../text/index.ts';
import type { GivenInput, InputKind, Optional } from './kind.ts';
import { listKind } from './list-kinds.ts';
import { textKind } from './text-kinds.ts';
import { confineReal } from './workspace-path.ts';

/** The absolute form of `text`; the workspace, and a problem, when it is outside what is allowed. */
function confined({ roots, problem }: GivenInput, text: string): string {
  const [workspace] = roots;
  const absolute = path.resolve(workspace, text);
  if (roots.some((root) => confineReal(root, absolute) !== undefined)) return absolute;
  const where = roots.length > 1 ? "the workspace and the runner's temp folder" : 'the workspace';
  problem(`${quoted(text)} is outside ${where}, or leads out by a link.`);
  return workspace;
}

/**
 * An absolute path inside the workspace (or another allowed root), links followed; relative paths begin
 * at the workspace.
 */
export function pathKind(rule: Optional<string> & { required?: boolean } = {}): InputKind<string> {
  const { typing, read } = textKind(rule);
  return {
    typing,
    read: (given) => {
      const text = read(given);
      return text === '' ? '' : confined(given, text);
    },
  };
}

/** Absolute paths like those of `pathKind`, one per line. */
export function pathsKind(rule: Optional<readonly string[]> = {}): InputKind<readonly string[]> {
  const { typing, read } = listKind(rule);
  return { typing, read: (given) => read(given).map((entry) => confined(given, entry)) };
}
