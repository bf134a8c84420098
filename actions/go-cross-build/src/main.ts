import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec, type Exec } from '@slipway/exec';
import { annotate, asksAuthProgram, BuildFailure } from '@slipway/go';
import { renderStepSummary } from '@slipway/report';
import type { Run } from '@slipway/runtime';
import { crossBuild } from './cross-build.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { makePlan, type Plan } from './plan.ts';
import type { CrossBuildPorts } from './ports.ts';
import type { CrossBuildRequest } from './request.ts';
import { checkPlanned } from './settle.ts';
import { builtSummary, failureSummary } from './summary.ts';
import { planMatrix, type MatrixJob } from './target-matrix.ts';

/** Plans, builds, packs and pushes; or only plans the matrix. */
export async function main(run: Run): Promise<void> {
  const { log, outputs } = run;
  const exec = systemExec({ log, env: run.env, logsIn: asksAuthProgram(run.env) });
  await fs.mkdir(run.runner.tempDir, { recursive: true });
  const scratch = await fs.mkdtemp(path.join(run.runner.tempDir, 'slipway-build-'));
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const { password } = inputs.images;
    if (password !== '') run.maskSecret(password);
    const plan = await makePlan(run, exec, inputs, scratch);
    const jobs = matrixOf(inputs, plan);
    outputs.set('matrix', JSON.stringify({ include: jobs }));
    log.info(
      `${plan.version}: ${plan.units.map(({ name, mains }) => `${name} ${mains.map((each) => each.name).join('+')}`).join(', ')}`,
    );
    if (inputs.planOnly) {
      // Names that collide between the jobs of a matrix are seen here alone.
      checkPlanned(plan, inputs.archives);
      await run.summary.append(planSummary(plan, jobs));
      return;
    }
    const request = requestOf(inputs, ({ artifactsFile, checksumsFile }) => {
      outputs.set('artifacts', artifactsFile);
      outputs.set('checksums', checksumsFile);
    });
    const result = await crossBuild(portsOf(run, exec), plan, request);
    const digests = [...result.images].map(([program, { digest }]) => [program, digest]);
    outputs.set('images', JSON.stringify(Object.fromEntries(digests)));
    await run.summary.append(builtSummary(plan, result));
  } catch (error) {
    if (error instanceof BuildFailure) annotate(log, error.diagnostics, run.runner.workspace);
    await run.summary.append(failureSummary(error));
    throw error;
  } finally {
    await fs.rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

function portsOf(run: Run, exec: Exec): CrossBuildPorts {
  const { clock, env, log, maskSecret, runner, signal } = run;
  return { clock, env, exec, log, maskSecret, runner, signal };
}

function requestOf(
  inputs: Inputs,
  onFiles: NonNullable<CrossBuildRequest['onFiles']>,
): CrossBuildRequest {
  return {
    workingDirectory: inputs.workingDirectory,
    outputDir: inputs.outputDir,
    clean: inputs.clean,
    archives: inputs.archives,
    sbom: inputs.sbom,
    images: inputs.images.image === '' ? undefined : inputs.images,
    onFiles,
  };
}

function matrixOf(inputs: Inputs, plan: Plan): MatrixJob[] {
  return planMatrix({
    units: plan.units,
    cores: plan.cores,
    maxJobs: inputs.maxJobs,
    hasImages: inputs.images.image !== '',
    hasUniversal: inputs.archives.universal !== 'false',
  });
}

function planSummary(plan: Plan, jobs: readonly MatrixJob[]): string {
  return renderStepSummary({
    title: `go-cross-build: plan of ${plan.version}`,
    outcome: 'ok',
    facts: jobs.map(({ name, targets, packages }) => [
      name,
      `${targets.replaceAll('\n', ', ')}: ${packages.replaceAll('\n', ', ')}`,
    ]),
  });
}
