import {
  deployments,
  rootPatterns,
  splitByTarget,
  untaggedTests,
  type Discovery,
} from '@slipway/release';
import type { Run } from '@slipway/runtime';
import type { FleetPlan } from './fleet-plan.ts';
import type { Inputs } from './inputs.ts';
import { stagesOutput } from './stage-output.ts';
import type { StagePlan } from './stage-plan.ts';
import type { TestPlan } from './tested.ts';

/** Hands a plan to later jobs. */
export function setPlanOutputs(
  { outputs }: Run,
  given: {
    plan: FleetPlan;
    stagePlan: StagePlan;
    tests: TestPlan;
    discovery: Discovery;
    inputs: Inputs;
  },
): void {
  const { plan, stagePlan, tests, discovery, inputs } = given;
  const { stages, held } = stagePlan;
  const { graph, modules } = discovery.repository;
  const testJobs = tests.tests.map((entry) => Object.assign({}, entry, { go: plan.go }));
  const isHeld = new Set(held.map(({ service }) => service));
  const deployed = deployments(plan.matrix).filter(({ service }) => !isHeld.has(service));
  outputs.set('kind', plan.kind);
  outputs.set('version', plan.version);
  outputs.set('environment', plan.environment);
  outputs.set('services', JSON.stringify(plan.services));
  const jobs = inputs.matrixBy === 'target' ? splitByTarget(plan.matrix) : plan.matrix;
  outputs.set('matrix', JSON.stringify({ include: jobs }));
  outputs.set('deployments', JSON.stringify({ include: deployed }));
  outputs.set('stages', stagesOutput(stages));
  outputs.set('held', JSON.stringify(held));
  const clusters = new Set(stages.flat().map(({ cluster }) => cluster));
  outputs.set('clusters', JSON.stringify([...clusters].filter((name) => name !== '')));
  outputs.set('waves', JSON.stringify(plan.waves));
  outputs.set('tests', JSON.stringify({ include: testJobs }));
  outputs.set('test-plan', tests.decision);
  outputs.set('test-claim', tests.claim);
  outputs.set('tested-in', tests.passedIn);
  outputs.set('packages', rootPatterns(modules, untaggedTests(graph, plan.tests)).join('\n'));
}
