import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

// Without packages from npm: users run this with their own Node 24.

const usage =
  'Usage: node tools/enterprise/full-references.ts OWNER/slipway COMMIT FOLDER\nWrites action.yml and the reusable workflows into FOLDER with full references in place of "$/".';

/** A repository and one of its commits, in full. */
export interface Pin {
  repository: string;
  commit: string;
}

/**
 * A workflow or action file whose references to files of its own repository (`uses: $/PATH`) name the
 * repository and the commit, for servers that do not know the short form. A reusable workflow next to it becomes
 * `./PATH`: it is in the same folder, and in the same commit.
 */
export function withFullReferences(yaml: string, { repository, commit }: Pin): string {
  return yaml
    .replace(/^(\s*(?:-\s+)?uses:\s+)\$\/(\.github\/workflows\/\S+)/gm, '$1./$2')
    .replace(
      /^(\s*(?:-\s+)?uses:\s+)\$\/(\S+)/gm,
      (_, uses: string, file: string) => `${uses}${repository}/${file}@${commit}`,
    );
}

/** Writes the files of `root` that refer to others into `folder`, and gives their names. Throws for a pin that is none. */
export function writeFullReferences(root: string, folder: string, pin: Pin): readonly string[] {
  if (!/^[\w.-]+\/[\w.-]+$/.test(pin.repository))
    throw new Error(`${JSON.stringify(pin.repository)} is not of the form OWNER/NAME.`);
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(pin.commit))
    throw new Error(
      `${JSON.stringify(pin.commit)} is no full commit id, which a tag would be moved from.`,
    );
  const workflows = path.join('.github', 'workflows');
  const ours = readdirSync(path.join(root, workflows)).filter((name) => name.startsWith('go-'));
  const files = ['action.yml', ...ours.map((name) => path.join(workflows, name))];
  for (const file of files) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    const yaml = readFileSync(path.join(root, file), 'utf8');
    writeFileSync(path.join(folder, file), withFullReferences(yaml, pin));
  }
  return files;
}

if (import.meta.main) {
  const [repository, commit, folder] = process.argv.slice(2);
  if (repository === undefined || commit === undefined || folder === undefined) {
    console.error(usage);
    process.exitCode = 2;
  } else {
    try {
      const root = path.resolve(import.meta.dirname, '..', '..');
      for (const file of writeFullReferences(root, folder, { repository, commit }))
        console.log(file);
    } catch (error) {
      console.error(`${(error as Error).message}\n${usage}`);
      process.exitCode = 2;
    }
  }
}
