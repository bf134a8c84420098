import * as core from '@actions/core';
import { runnerMasker } from './masker.ts';

/** Sets outputs of the step. Values are strings already, so that what a caller sees is decided here in code. */
export interface Outputs {
  /** Any text, several lines too: it travels in a heredoc with a random delimiter. */
  set(name: string, value: string): void;
  /**
   * Sets a text that may quote what others wrote (a cause, a diff), with the job's secrets replaced: outputs
   * reach other steps and the API as they are, and the runner masks nothing in them.
   */
  setText(name: string, value: string): void;
}

/** The outputs of the runner's current step. */
export const runnerOutputs: Outputs = {
  set: (name, value) => core.setOutput(name, value),
  setText: (name, value) => core.setOutput(name, runnerMasker.redact(value)),
};

/**
 * Makes `name=value` part of the environment of later steps and of this process. Throws on a name that
 * is no plain variable name, or that would make every later Node or shell run something else.
 */
export function exportVariable(name: string, value: string): void {
  if (!/^[A-Za-z_]\w*$/.test(name) || /^(?:NODE_OPTIONS|LD_PRELOAD|BASH_ENV|PATH)$/i.test(name))
    throw new Error(`The variable ${JSON.stringify(name)} must not be exported to later steps.`);
  core.exportVariable(name, value);
}

/** Puts a folder in front of the PATH of later steps. Throws on one that would become two entries. */
export function addPath(folder: string): void {
  if (/[\r\n\0]/.test(folder))
    throw new Error(`The folder ${JSON.stringify(folder)} cannot be an entry of PATH.`);
  core.addPath(folder);
}
