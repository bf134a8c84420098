import { parseWorkflowCommand, type WorkflowCommand } from './workflow-command.ts';

/** An error, warning or notice that a step attached to the run. */
export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title?: string;
  file?: string;
  line?: number;
}

/** What the runner makes of the text a step prints. */
export interface StepLog {
  /** Every command, in order, `add-mask` included. */
  commands: readonly WorkflowCommand[];
  annotations: readonly Annotation[];
  /** Titles of the groups, in order. */
  groups: readonly string[];
  /** Values that were masked, lines of multi-line values included, as the runner adds them. */
  masks: readonly string[];
  /** The lines of `debug` commands. */
  debug: readonly string[];
  /** The text as a reader of the job's log sees it with step debugging on, secrets masked. */
  visible: string;
}

function annotation({ name, properties, data }: WorkflowCommand): Annotation | undefined {
  if (name !== 'error' && name !== 'warning' && name !== 'notice') return undefined;
  return {
    level: name,
    message: data,
    ...(properties['title'] === undefined ? {} : { title: properties['title'] }),
    ...(properties['file'] === undefined ? {} : { file: properties['file'] }),
    ...(properties['line'] === undefined ? {} : { line: Number(properties['line']) }),
  };
}

function masksOf(data: string): string[] {
  const lines = data.split(/[\r\n]+/).map((line) => line.trim());
  return [...new Set([data, ...lines])].filter((mask) => mask.trim() !== '');
}

/** Reads a step's output as the runner does; lines end at CR, LF or both, as .NET's ReadLine has it. */
export function readStepLog(text: string): StepLog {
  const commands: WorkflowCommand[] = [];
  const masks: string[] = [];
  const visible: string[] = [];
  const mask = (line: string): string =>
    [...masks]
      .sort((a, b) => b.length - a.length)
      .reduce((shown, secret) => shown.replaceAll(secret, '***'), line);
  for (const line of text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n')) {
    const found = parseWorkflowCommand(line);
    if (found === undefined) visible.push(mask(line));
    else {
      commands.push(found);
      if (found.name === 'add-mask') masks.push(...masksOf(found.data));
      else visible.push(mask(`##[${found.name}]${found.data}`));
    }
  }
  const dataOf = (name: string): string[] =>
    commands.filter((found) => found.name === name).map(({ data }) => data);
  return {
    commands,
    annotations: commands.map(annotation).filter((found) => found !== undefined),
    groups: dataOf('group'),
    masks,
    debug: dataOf('debug'),
    visible: visible.join('\n'),
  };
}
