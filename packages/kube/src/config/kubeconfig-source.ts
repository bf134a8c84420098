import * as fs from 'node:fs/promises';
import path from 'node:path';
import { InputError, type MaskSecret } from '@slipway/runtime';
import { maskKubeconfig } from './kubeconfig-file.ts';

/** What an input `kubeconfig` stands for; nothing means the search order of kubectl. */
export type KubeconfigSource =
  { kind: 'none' } | { kind: 'file'; path: string } | { kind: 'text'; text: string };

/**
 * Tells a kubeconfig's content (YAML, or base64 of it) from the path of one, relative to `workspace`.
 * Throws InputError when what looks like a path names no file.
 */
export async function kubeconfigSource(
  given: string,
  workspace: string,
): Promise<KubeconfigSource> {
  if (given === '') return { kind: 'none' };
  if (given.includes('\n') || given.length > 400) return { kind: 'text', text: given };
  const file = path.resolve(workspace, given);
  const isFile = await fs.stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (isFile) return { kind: 'file', path: file };
  if (/^[~./\\]|^[A-Za-z]:\\|\.ya?ml$/.test(given))
    throw new InputError(`kubeconfig: the file ${file} cannot be read.`, {
      next: 'Give the path of a kubeconfig, or its content from a secret.',
    });
  return { kind: 'text', text: given };
}

/** Masks every secret of the kubeconfig that an input gives, be it as content or as a file. */
export async function maskKubeconfigSource(
  source: KubeconfigSource,
  maskSecret: MaskSecret,
): Promise<void> {
  if (source.kind === 'text') maskKubeconfig(source.text, maskSecret);
  if (source.kind === 'file') maskKubeconfig(await fs.readFile(source.path, 'utf8'), maskSecret);
}
