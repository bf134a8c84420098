import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';

const run = promisify(execFile);

interface Step {
  name?: string;
  uses?: string;
  run?: string;
}
interface Workflow {
  permissions?: object;
  jobs: Record<string, { permissions?: Record<string, string>; steps: Step[] }>;
}

function workflow(name: string): Workflow {
  const file = path.join(root, '.github', 'workflows', `${name}.yml`);
  return load(readFileSync(file, 'utf8')) as Workflow;
}

describe('CI', () => {
  const jobs = Object.entries(workflow('ci').jobs);

  test.each(['test', 'portable', 'actions'])('builds the bundles before %s uses them', (name) => {
    const steps = jobs.find(([job]) => job === name)?.[1].steps ?? [];
    const built = steps.findIndex(({ run: text }) => text === 'npm run build');
    const used = steps.findIndex(
      ({ run: text = '', uses = '' }) => /npm test|\.ci\/run/.test(text) || uses.startsWith('./'),
    );
    expect(built).toBeGreaterThan(-1);
    expect(used).toBeGreaterThan(built);
  });
});

describe('what looks for weaknesses', () => {
  test.each(['codeql', 'scorecard'])('%s may read, and write findings alone', (name) => {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toEqual({});
    const rights = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}));
    const writes = rights.filter(([, right]) => right === 'write').map(([right]) => right);
    expect(['contents', 'packages', 'actions'].filter((right) => writes.includes(right))).toEqual(
      [],
    );
    expect(writes).toContain('security-events');
  });
});

describe('a release', () => {
  const { jobs } = workflow('release');
  const script = (job: string, name: RegExp): string =>
    jobs[job]?.steps.find((step) => name.test(step.name ?? ''))?.run ?? '';
  const sha = 'a'.repeat(40);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-release-'));
    writeFileSync(
      path.join(folder, 'CHANGELOG.md'),
      '## [1.4.0]\n\n- New.\n\n## [1.3.0]\n\n- Old.\n',
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a step with a gh that answers as told and writes down what it was asked to change. */
  async function publish(
    text: string,
    given: { tagAt?: string; draft?: 'true' | 'false'; refs?: string; ref?: string },
  ): Promise<{ failed: boolean; printed: string; changes: string[] }> {
    const gh = path.join(folder, 'gh');
    const log = path.join(folder, 'changes');
    writeFileSync(log, '');
    writeFileSync(
      gh,
      `#!/bin/sh
case "$*" in
  *matching-refs/tags/v*--jq*.ref) printf '${given.refs ?? ''}' ;;
  *matching-refs*) printf '${given.tagAt ?? ''}' ;;
  'release view'*) ${given.draft === undefined ? 'echo "release not found" >&2; exit 1' : `echo ${given.draft}`} ;;
  *releases/tags*) echo true ;;
  *) echo "$*" >> "${log}" ;;
esac
`,
    );
    chmodSync(gh, 0o755);
    const env = {
      PATH: `${folder}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
      ...{ RUNNER_TEMP: folder, GITHUB_REPOSITORY: 'acme/slipway', GITHUB_SHA: sha },
      ...{ VERSION: 'v1.4.0', GITHUB_REF: given.ref ?? 'refs/heads/main' },
    };
    const cwd = text.includes('tools/') ? root : folder;
    const { failed, printed } = await run('bash', ['-eo', 'pipefail', '-c', text], {
      cwd,
      env,
    }).then(
      ({ stdout }) => ({ failed: false, printed: stdout }),
      (error: unknown) => ({ failed: true, printed: (error as { stdout: string }).stdout }),
    );
    return { failed, printed, changes: readFileSync(log, 'utf8').split('\n').filter(Boolean) };
  }

  test.each<[string, Parameters<typeof publish>[1], RegExp[]]>([
    ['nothing', {}, [/git\/refs -f ref=refs\/tags\/v1.4.0/, /release create/, /release edit/]],
    ['a tag', { tagAt: sha }, [/release create/, /release edit/]],
    ['a draft', { tagAt: sha, draft: 'true' }, [/release edit/]],
    ['all of it', { tagAt: sha, draft: 'false' }, []],
  ])('goes on where an attempt before left %s', async (_, given, expected) => {
    const { failed, changes } = await publish(script('publish', /^Tag, draft/), given);
    expect(failed).toBe(false);
    expect(changes).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(changes[index]).toMatch(pattern);
    expect(readFileSync(path.join(folder, 'notes.md'), 'utf8').trim()).toBe('- New.');
  });

  test('never moves a version to another commit', async () => {
    const given = { tagAt: 'b'.repeat(40) };
    const { failed, printed, changes } = await publish(script('publish', /^Tag, draft/), given);
    expect([failed, changes]).toEqual([true, []]);
    expect(printed).toMatch(/::error::v1.4.0 is the commit b+ already/);
  });

  test.each([
    ['refs/tags/v1\\nrefs/tags/v1.3.0\\nrefs/tags/v1.4.0\\n', ['PATCH', 'refs/tags/v1.4 ']],
    ['refs/tags/v1\\nrefs/tags/v1.5.0\\nrefs/tags/v1.4.0\\n', ['refs/tags/v1.4 ']],
    ['refs/tags/v1.4.1\\nrefs/tags/v1.4.0\\n', []],
  ])('beside %j moves the tags of its line forwards alone', async (refs, expected) => {
    const { failed, changes } = await publish(script('publish', /^Move the major/), { refs });
    expect(failed).toBe(false);
    expect(changes).toHaveLength(expected.length);
    for (const [index, part] of expected.entries()) expect(changes[index]).toContain(part);
  });

  test.each([
    ['refs/heads/main', false],
    ['refs/heads/release/v1', false],
    ['refs/heads/feature', true],
    ['refs/heads/mainly', true],
    ['refs/tags/v1.0.0', true],
  ])('from %s is refused: %s', async (ref, refused) => {
    const { failed } = await publish(script('verify', /^The branch/), { ref });
    expect(failed).toBe(refused);
  });

  test('is attested before it is published', () => {
    const steps = jobs['publish']?.steps ?? [];
    const attested = steps.findIndex(({ uses = '' }) => uses.startsWith('actions/attest@'));
    expect(attested).toBeGreaterThan(-1);
    expect(steps.findIndex(({ name = '' }) => name.startsWith('Tag'))).toBeGreaterThan(attested);
  });
});
