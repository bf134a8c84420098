import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import {
  annotate,
  BuildFailure,
  findRaceDetector,
  goTest,
  goVet,
  partFlags,
  readBuildToolchain,
  renderJunit,
  type RaceDetector,
  type TestPorts,
  type TestQuestion,
} from '@slipway/go';
import { stopwatch, type Run } from '@slipway/runtime';
import { annotateFailures } from './annotations.ts';
import { placeFailures } from './placed-failure.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { failedRun } from './red-run.ts';
import { failureSummary, resultSummary } from './summary.ts';
import { countPackages, resultOf } from './test-counts.ts';

/** Vets, tests, and tells what failed and where. */
export async function main(run: Run): Promise<void> {
  const { log } = run;
  const watch = stopwatch(run.clock);
  let told = false;
  try {
    const inputs = parseInputs(run.inputs, run.runner);
    const ports = { exec: systemExec({ log, env: run.env }), log };
    const { question, raceless } = await prepare(run, ports, inputs);
    if (inputs.vet) await watch.time('go vet', () => goVet(ports, question));
    const { report, exitCode } = await watch.time('go test', () => goTest(ports, question));
    await writeResults(run, inputs, renderJunit(report));
    const failures = exitCode === 0 ? [] : await placeFailures(ports, question, report);
    const result = resultOf(report, exitCode);
    const counts = countPackages(report);
    run.outputs.set('result', result);
    for (const name of ['packages', 'passed', 'failed', 'cached'] as const)
      run.outputs.set(name, String(counts[name]));
    await run.summary.append(
      resultSummary({ report, result, failures, parts: watch.parts, raceless }),
    );
    told = true;
    if (result === 'no-tests')
      log.notice(`packages: ${counts.packages}, none has tests that were run.`);
    if (exitCode === 0) return;
    annotateFailures(log, failures, run.runner.workspace);
    throw failedRun(failures, { report, exitCode, race: question.race });
  } catch (error) {
    if (error instanceof BuildFailure) annotate(log, error.diagnostics, run.runner.workspace);
    if (!told) run.outputs.set('result', 'failed');
    if (!told) await run.summary.append(failureSummary(error, watch.parts));
    throw error;
  }
}

async function prepare(
  run: Run,
  { exec, log }: TestPorts,
  inputs: Inputs,
): Promise<{ question: TestQuestion; raceless: string | undefined }> {
  const { env, signal } = run;
  const dir = inputs.workingDirectory;
  const toolchain = await readBuildToolchain(exec, { dir, env, signal });
  log.info(`${toolchain.version}, ${toolchain.goMod ?? 'no go.mod'}`);
  const detector = inputs.race ? await findRaceDetector(exec, { dir, env, signal }) : undefined;
  const raceless = whyWithout(detector);
  if (detector?.usable === false)
    log.warning(`The tests run without the race detector: ${detector.why}.`);
  return {
    question: {
      dir,
      patterns: inputs.packages,
      flags: partFlags(inputs.flags),
      race: raceless === undefined,
      timeoutMs: inputs.timeoutMs,
      signal,
    },
    raceless,
  };
}

function whyWithout(detector: RaceDetector | undefined): string | undefined {
  if (detector === undefined) return 'race is false';
  return detector.usable ? undefined : detector.why;
}

async function writeResults(run: Run, { junit }: Inputs, xml: string): Promise<void> {
  run.outputs.set('junit', junit);
  if (junit === '') return;
  await fs.mkdir(path.dirname(junit), { recursive: true });
  await fs.writeFile(junit, run.redact(xml, []));
}
