import { readFileSync } from 'node:fs';
import path from 'node:path';

const documented = path.resolve(import.meta.dirname, '..', '..', 'docs', 'service-repository');

/**
 * The callers that the documentation tells service repositories to copy, with this demo's registry,
 * namespaces and a soak short enough to watch.
 */
export function callerWorkflows(demo: {
  registry: string;
  id: string;
}): Readonly<Record<string, string>> {
  const read = (name: string): string => readFileSync(path.join(documented, name), 'utf8');
  const release = read('release.yml').replace(
    /^( *)registry: ghcr\.io\/acme$/m,
    (_, indent: string) =>
      [
        `registry: ${demo.registry}/acme`,
        `namespace: demo-${demo.id}-{environment}`,
        'targets: |',
        '  linux/amd64',
        '  linux/arm64',
        'timeout: 2m',
        'min-soak: 10s',
        'deadline: 90s',
      ]
        .map((line) => indent + line)
        .join('\n'),
  );
  if (!release.includes(demo.registry))
    throw new Error(
      'docs/service-repository/release.yml no longer has the line that names a registry.',
    );
  return { 'check.yml': read('check.yml'), 'release.yml': release };
}

/** slipway.yml of the services that are built for something else than the rest. */
export const shopSettings: Readonly<Record<string, string>> = {
  // C code for another architecture needs a compiler for it, which not every machine has.
  'services/ledger/slipway.yml': 'targets: [linux/amd64]\n',
  'services/rules/slipway.yml': 'targets: [linux/amd64, linux/arm64, wasip1/wasm]\n',
};
