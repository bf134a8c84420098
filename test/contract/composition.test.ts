import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { root } from '../../tools/manifest.ts';
import { actionNames, metadata } from './contracted-action.ts';

interface Step {
  id?: string;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
}
interface Job {
  steps?: Step[];
  outputs?: Record<string, string>;
}

interface Workflow {
  on: { workflow_call?: { inputs?: Record<string, Declared> } };
  jobs: Record<string, Job>;
}

/** A list of steps that can see each other's outputs, and the text in which these are used. */
interface Scope {
  where: string;
  steps: readonly Step[];
  text: string;
  /** The defaults of what the composite or the workflow is given itself. */
  defaults: Readonly<Record<string, string | undefined>>;
}

interface Declared {
  default?: unknown;
}

/** A value of YAML as the runner hands it on. */
function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The defaults of declared inputs; undefined for one that is required. */
function defaultsOf(inputs: Readonly<Record<string, Declared>> = {}): Scope['defaults'] {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { default: value }]) => [
      name,
      value === undefined ? undefined : plain(value),
    ]),
  );
}

/** Inputs for which the composite and the workflows have another default than the action, and why. */
const otherDefaults: Readonly<Record<string, string>> = {
  'go-version-file':
    'the action has none, as actions/setup-go, so that it can tell that none was given',
  'on-unhealthy': 'the composite upgraded the release itself, so it can take it back',
};

/** Inputs of verify-health that the composite or a workflow does not hand on, and why. */
const keptBack: Readonly<Record<string, readonly string[]>> = {
  // The kubeconfig's current context, as for the upgrade; lint and back-test are steps of their own; its
  // own inputs say all that a slipway.yml could say of one service.
  'action.yml': ['kube-context', 'mode', 'settings'],
  // slipway.yml says these, under verify.
  'go-deploy.yml, job deploy': ['kube-context', 'mode', 'prometheus-sigv4-region'],
};

/** A workflow that is handed all inputs of another as JSON, by the file of that other. */
const callerOf: Readonly<Record<string, string>> = { 'go-deploy.yml': 'go-release.yml' };

function scopes(): Scope[] {
  const folder = path.join(root, '.github', 'workflows');
  const read = (file: string) => load(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const rootAction = read(path.join(root, 'action.yml'));
  const workflows = readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .flatMap((file) => {
      const { jobs } = read(path.join(folder, file)) as unknown as Workflow;
      const { on } = read(path.join(folder, callerOf[file] ?? file)) as unknown as Workflow;
      return Object.entries(jobs).map(([name, job]) => ({
        where: `${file}, job ${name}`,
        steps: job.steps ?? [],
        text: JSON.stringify(job),
        defaults: defaultsOf(on.workflow_call?.inputs),
      }));
    });
  const { steps } = rootAction['runs'] as { steps: Step[] };
  const defaults = defaultsOf(rootAction['inputs'] as Record<string, Declared>);
  const text = JSON.stringify(rootAction);
  return [{ where: 'action.yml', steps, text, defaults }, ...workflows];
}

/** The action of this repository that a step uses. */
function own(step: Step): string | undefined {
  return /^(?:\$|\.)\/actions\/([^@]+)$/.exec(step.uses ?? '')?.[1];
}

const composed = scopes().filter(({ steps }) => steps.some((step) => own(step) !== undefined));

test('the composite and the workflows are made of all the actions', () => {
  const used = new Set(composed.flatMap(({ steps }) => steps.map(own)));
  used.delete(undefined);
  // Of a caller's own jobs: a called workflow cannot ask for rights that not every caller grants.
  const ofCallers = ['tested-tree'];
  expect([...used, ...ofCallers].sort()).toEqual([...actionNames].sort());
});

describe.each(composed)('$where', ({ steps, text, defaults }) => {
  test('gives its actions only inputs that they have, and all that they require', () => {
    for (const step of steps) {
      const action = own(step);
      if (action === undefined) continue;
      const { inputs } = metadata(action);
      const given = Object.keys(step.with ?? {});
      const known = inputs.map(({ name }) => name);
      const missing = inputs.filter(({ name, required }) => required && !given.includes(name));
      expect([action, given.filter((name) => !known.includes(name)), missing]).toEqual([
        action,
        [],
        [],
      ]);
    }
  });

  test('hands an input on with the default that the action has, or says why not', () => {
    for (const step of steps) {
      const action = own(step);
      if (action === undefined) continue;
      for (const [name, value] of Object.entries(step.with ?? {})) {
        const handedOn = /^\$\{\{ (?:fromJSON\(inputs\.inputs\)|inputs)\.([\w-]+) \}\}$/.exec(
          plain(value),
        )?.[1];
        const input = metadata(action).inputs.find((candidate) => candidate.name === name);
        if (handedOn === undefined || input === undefined || name in otherDefaults) continue;
        const given = defaults[handedOn];
        // What is required has no default on either side.
        if (given === undefined || input.required) continue;
        expect([action, name, given.trimEnd()]).toEqual([action, name, input.default?.trimEnd()]);
      }
    }
  });

  test('uses only outputs that its steps have', () => {
    const used = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)];
    const unknown = used.filter(([, id, output = '']) => {
      const step = steps.find((candidate) => candidate.id === id);
      if (step === undefined) return true;
      const action = own(step);
      if (action !== undefined)
        return !metadata(action).outputs.some(({ name }) => name === output);
      // A shell step of ours names its outputs in its script; what others set is theirs to say.
      return step.run?.includes(output) === false;
    });
    expect(unknown.map(([reference]) => reference)).toEqual([]);
  });
});

describe('what is handed on to verify-health', () => {
  const verifying = composed.flatMap(({ where, steps }) =>
    steps.filter((step) => own(step) === 'verify-health').map((step) => ({ where, step })),
  );

  test.each(verifying)('from $where is all but what is named here', ({ where, step }) => {
    const given = Object.keys(step.with ?? {});
    const missing = metadata('verify-health')
      .inputs.map(({ name }) => name)
      .filter((name) => !given.includes(name));
    expect(missing.sort()).toEqual([...(keptBack[where] ?? [])].sort());
  });

  test('by a workflow are secrets as secrets, under names that an environment can have too', () => {
    const inputs = ['go-release.yml', 'go-deploy.yml'].flatMap((file) => {
      const text = readFileSync(path.join(root, '.github', 'workflows', file), 'utf8');
      const { on } = load(text) as {
        on: { workflow_call: { inputs: object; secrets: Record<string, unknown> } };
      };
      const used = [...text.matchAll(/\bsecrets\.([\w-]+)/g)].map(([, name]) => name);
      const secrets = Object.keys(on.workflow_call.secrets);
      expect(secrets.filter((name) => !text.includes(`secrets.${name} `))).toEqual([]);
      expect(used.filter((name) => !secrets.includes(name ?? ''))).toEqual([]);
      return Object.keys(on.workflow_call.inputs);
    });
    const step = verifying.find(({ where }) => where === 'go-deploy.yml, job deploy')?.step;
    for (const name of ['prometheus-token', 'prometheus-password', 'prometheus-client-key'])
      expect(plain(step?.with?.[name])).toBe(`\${{ secrets.${name.replaceAll('-', '_')} }}`);
    expect(inputs).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/token|password|key$/)]),
    );
  });
});

test('a composite tells of its verification all that verify-health tells', () => {
  const { outputs } = load(readFileSync(path.join(root, 'action.yml'), 'utf8')) as {
    outputs: Record<string, { value: string }>;
  };
  for (const { name } of metadata('verify-health').outputs)
    expect(outputs[name]?.value).toContain(`steps.verify.outputs.${name}`);
});
