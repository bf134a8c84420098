import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { MaskSecret } from '@slipway/runtime';
import { isFields, type Fields } from './fields.ts';
import { decodedKubeconfig, parseKubeconfig } from './kubeconfig.ts';

const secretFields = ['token', 'password', 'client-key-data'];

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Masks every secret of a kubeconfig, PEM texts also in their decoded form. */
export function maskKubeconfig(text: string, maskSecret: MaskSecret): void {
  const mask = (fields: Fields): void => {
    for (const name of secretFields) {
      const value = fields[name];
      if (typeof value !== 'string' || value === '') continue;
      maskSecret(value);
      // The lines that mark a PEM's ends are no secret, and masking them would spoil other logs.
      if (name.endsWith('-data'))
        maskSecret(
          Buffer.from(value, 'base64')
            .toString()
            .replace(/^-----.*-----$/gm, '')
            .trim(),
        );
    }
  };
  const { users } = parseKubeconfig(text, 'The kubeconfig given');
  for (const { entry } of users) {
    const body = entry.fields;
    mask(body);
    const provider = fieldsOf(body['auth-provider']);
    for (const value of Object.values(fieldsOf(provider['config'])))
      if (typeof value === 'string') maskSecret(value);
    const variables: unknown = fieldsOf(body['exec'])['env'];
    for (const variable of Array.isArray(variables) ? variables : []) {
      const { value } = fieldsOf(variable);
      if (typeof value === 'string' && value.length >= 16) maskSecret(value);
    }
  }
}

/**
 * Writes a kubeconfig (YAML or base64 of it) for child processes as a file of mode 0600 under the
 * runner's temp folder, after masking its secrets. Returns its path; remove it with `removeKubeconfigFile`.
 */
export async function writeKubeconfigFile(
  runnerTemp: string,
  text: string,
  maskSecret: MaskSecret,
): Promise<string> {
  maskKubeconfig(text, maskSecret);
  const folder = path.join(runnerTemp, `slipway-kubeconfig-${randomUUID()}`);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'config');
  await fs.writeFile(file, decodedKubeconfig(text), { mode: 0o600, flag: 'wx' });
  return file;
}

/** Removes what `writeKubeconfigFile` wrote. Fine when it is gone already; throws when it stays. */
export async function removeKubeconfigFile(file: string): Promise<void> {
  const folder = path.dirname(file);
  if (!path.basename(folder).startsWith('slipway-kubeconfig-'))
    throw new Error(`${file} is not a kubeconfig that Slipway wrote.`);
  await fs.rm(folder, { recursive: true, force: true });
}
