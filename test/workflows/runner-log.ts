/** One step of a job, as act tells it; main and post of one step are two. */
export interface StepRun {
  name: string;
  stage: string;
  result: string | undefined;
  durationMs: number;
  outputs: Record<string, string>;
  /** What it printed. */
  lines: string[];
  /** Annotations, as `error: text`. */
  annotations: string[];
  summary: string;
}

/** One job, of a called workflow or not. */
export interface JobRun {
  /** As shown, without the caller's prefix. */
  name: string;
  id: string;
  matrix: Readonly<Record<string, string>>;
  result: string | undefined;
  startedMs: number;
  endedMs: number;
  steps: StepRun[];
}

interface LogLine {
  job?: string;
  jobID?: string;
  matrix?: Record<string, string>;
  jobResult?: string;
  step?: string;
  stepID?: string[];
  stage?: string;
  stepResult?: string;
  executionTime?: number;
  command?: string;
  name?: string;
  arg?: string;
  content?: string;
  msg?: string;
  raw_output?: boolean;
}

/**
 * Gathers the JSON lines of `act --json` into jobs and steps. Times are those of the lines' arrival,
 * since act tells whole seconds.
 */
export function runnerLog(onJobEnd: (job: JobRun) => void = () => undefined): {
  add(line: string): string | undefined;
  readonly jobs: JobRun[];
} {
  const jobs = new Map<string, JobRun>();
  const steps = new Map<string, StepRun>();
  const jobOf = (line: LogLine, timeMs: number): JobRun | undefined => {
    // The caller's own job has no steps; its called jobs are named "caller/workflow/job".
    if (line.job === undefined || line.jobID === undefined) return undefined;
    let job = jobs.get(line.job);
    if (job === undefined) {
      job = {
        name: line.job.split('/').slice(2).join('/') || line.job,
        id: line.jobID,
        matrix: line.matrix ?? {},
        result: undefined,
        startedMs: timeMs,
        endedMs: timeMs,
        steps: [],
      };
      jobs.set(line.job, job);
    }
    return job;
  };
  const stepOf = (line: LogLine, job: JobRun): StepRun | undefined => {
    if (line.step === undefined || line.stepID === undefined) return undefined;
    const stage = line.stage ?? 'Main';
    const key = `${line.job}\0${stage}\0${line.stepID.join('\0')}`;
    let step = steps.get(key);
    if (step === undefined) {
      step = {
        name: line.step,
        stage,
        result: undefined,
        durationMs: 0,
        outputs: {},
        lines: [],
        annotations: [],
        summary: '',
      };
      steps.set(key, step);
      job.steps.push(step);
    }
    return step;
  };
  return {
    get jobs() {
      return [...jobs.values()].filter(({ steps: own }) => own.length > 0);
    },
    add: (text) => {
      const line = parse(text);
      if (line === undefined) return text;
      const timeMs = Date.now();
      const job = jobOf(line, timeMs);
      if (job === undefined) return undefined;
      job.endedMs = timeMs;
      const step = stepOf(line, job);
      if (line.jobResult !== undefined) {
        job.result = resultOf(job, line.jobResult);
        if (job.steps.length > 0) onJobEnd(job);
      }
      if (step === undefined) return undefined;
      record(step, line);
      return line.raw_output === true ? (line.msg ?? '').trimEnd() : undefined;
    },
  };
}

/**
 * The result of one leg of a matrix: act keeps one result for all legs, so that those that end after
 * a failed one seem to have failed too. A leg whose steps all ran and none failed has not.
 */
function resultOf(job: JobRun, told: string): string {
  const main = job.steps.filter(({ stage }) => stage === 'Main');
  const ran = main.length > 0 && main.every(({ result }) => result !== undefined);
  return ran && job.steps.every(({ result }) => result !== 'failure') ? 'success' : told;
}

function record(step: StepRun, line: LogLine): void {
  if (line.stepResult !== undefined) step.result = line.stepResult;
  if (line.executionTime !== undefined) step.durationMs = line.executionTime / 1e6;
  if (line.raw_output === true) step.lines.push((line.msg ?? '').trimEnd());
  switch (line.command) {
    case 'set-output':
      step.outputs[line.name ?? ''] = line.arg ?? '';
      break;
    case 'summary':
      step.summary += line.content ?? '';
      break;
    case 'error':
    case 'warning':
    case 'notice':
      step.annotations.push(`${line.command}: ${line.arg ?? line.msg ?? ''}`);
      break;
    default:
  }
}

function parse(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
