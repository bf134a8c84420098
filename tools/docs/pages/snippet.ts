import { dump, loadAll } from 'js-yaml';

/** What a block of YAML on a page is. */
export type Snippet =
  /** A whole workflow, or a part that was made one; its references lead into this checkout. */
  | { kind: 'workflow'; text: string }
  | { kind: 'kubernetes' }
  /** Something else, with its keys on the first level. */
  | { kind: 'other'; keys: readonly string[] };

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isStep(value: unknown): boolean {
  return isMapping(value) && ('uses' in value || 'run' in value);
}

/** The outputs of other jobs are not on the page that shows one job of a workflow. */
function withNeeds(jobs: Mapping): Mapping {
  const needed = Object.values(jobs).flatMap((job) => (isMapping(job) ? (job['needs'] ?? []) : []));
  const absent = [...new Set(needed)].filter((name) => !((name as string) in jobs));
  return absent.length === 0
    ? jobs
    : {
        ...jobs,
        ...Object.fromEntries(
          absent.map((name) => [
            name as string,
            { 'runs-on': 'ubuntu-latest', steps: [{ run: 'true' }] },
          ]),
        ),
      };
}

function completeJob(job: unknown): unknown {
  if (!isMapping(job) || 'uses' in job) return job;
  const steps = (Array.isArray(job['steps']) ? job['steps'] : [{ run: 'true' }]) as unknown[];
  return { 'runs-on': 'ubuntu-latest', ...job, steps };
}

function workflow(document: Mapping, jobs: Mapping): string {
  const completed = Object.fromEntries(
    Object.entries(withNeeds(jobs)).map(([name, job]) => [name, completeJob(job)]),
  );
  return dump({ on: 'push', ...document, jobs: completed }, { lineWidth: -1 });
}

/** So that actionlint reads our own action.yml and workflows instead of knowing nothing of them. */
function intoCheckout(text: string): string {
  return text
    .replaceAll(/\bOWNER\/slipway\/([\w./-]+\.ya?ml)@v1\b/g, './$1')
    .replaceAll(/\bOWNER\/slipway\/([\w./-]+)@v1\b/g, './$1')
    .replaceAll(/\bOWNER\/slipway@v1(?![\w./-])/g, './');
}

/** Reads a block of YAML and makes a workflow of it when it is one or a part of one. Throws when it is no YAML. */
export function readSnippet(yaml: string): Snippet {
  const [document] = loadAll(intoCheckout(yaml));
  if (Array.isArray(document) && document.some(isStep))
    return { kind: 'workflow', text: workflow({}, { job: { steps: document } }) };
  if (!isMapping(document)) return { kind: 'other', keys: [] };
  if ('apiVersion' in document || Object.keys(document).join() === 'rules')
    return { kind: 'kubernetes' };
  if (isMapping(document['jobs']))
    return { kind: 'workflow', text: workflow(document, document['jobs']) };
  if ('steps' in document) return { kind: 'workflow', text: workflow({}, { job: document }) };
  return { kind: 'other', keys: Object.keys(document) };
}
