import type { Exec } from '@slipway/exec';
import type { Log } from '@slipway/runtime';
import { compare, type ChangeQuestion } from './affected.ts';
import type { Service } from './service/index.ts';

/**
 * Those of `asked` that are now what they were at `base`: nothing that concerns them changed since. The
 * others come with the first file that did, or with why that cannot be told.
 */
export async function unchangedSince(
  ports: { exec: Exec; log: Log },
  question: ChangeQuestion,
  { asked, base }: { asked: readonly Service[]; base: string },
): Promise<{ unchanged: readonly string[]; because: ReadonlyMap<string, string> }> {
  const change = { services: asked, base, sinceForkPoint: false, headSha: undefined };
  const { names, because, why } = await compare(ports, question, change);
  return {
    unchanged: asked.map(({ name }) => name).filter((name) => !names.includes(name)),
    because: new Map(names.map((name) => [name, because.get(name) ?? why])),
  };
}
