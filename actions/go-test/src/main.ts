import * as fs from 'node:fs/promises';
import path from 'node:path';
import { systemExec } from '@slipway/exec';
import { annotate, BuildFailure, goTest, goVet, renderJunit } from '@slipway/go';
import { stopwatch, type Run } from '@slipway/runtime';
import { annotateFailures } from './annotations.ts';
import { placeFailures } from './placed-failure.ts';
import { parseInputs, type Inputs } from './inputs.ts';
import { prepare } from './preparation.ts';
import { failedRun } from './red-run.ts';
import { failureSummary, resultSummary } from './summary.ts';
import { countPackages, resultOf, type PackageCounts } from './test-counts.ts';

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
    setCounts(run, counts);
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

async function writeResults(run: Run, { junit }: Inputs, xml: string): Promise<void> {
  run.outputs.set('junit', junit);
  if (junit === '') return;
  await fs.mkdir(path.dirname(junit), { recursive: true });
  await fs.writeFile(junit, run.redact(xml, []));
}

function setCounts({ outputs }: Run, { packages, passed, failed, cached }: PackageCounts): void {
  outputs.set('packages', String(packages));
  outputs.set('passed', String(passed));
  outputs.set('failed', String(failed));
  outputs.set('cached', String(cached));
}
