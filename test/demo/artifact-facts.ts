import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What the artifact of one service holds, with every checksum worked out again. */
export interface ArtifactFact {
  files: number;
  /** Names of files whose contents are not what checksums.txt says, or that are missing. */
  wrong: readonly string[];
}

/** Checks the built artifacts of a run, `slipway-SERVICE`; one entry per artifact, by name. */
export function readArtifacts(folder: string): ReadonlyMap<string, ArtifactFact> {
  const facts = new Map<string, ArtifactFact>();
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const name of names.filter((one) => one.startsWith('slipway-'))) {
    const at = path.join(folder, name);
    const list = path.join(at, 'checksums.txt');
    const lines = existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
    const wrong = lines.flatMap((line) => {
      const [sum = '', file = ''] = line.split(/\s+\*?/);
      const target = path.join(at, file);
      const real = existsSync(target)
        ? createHash('sha256').update(readFileSync(target)).digest('hex')
        : '';
      return real === sum ? [] : [file];
    });
    facts.set(name, { files: lines.length, wrong: lines.length === 0 ? ['checksums.txt'] : wrong });
  }
  return facts;
}
