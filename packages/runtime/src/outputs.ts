import * as core from '@actions/core';

/** Sets outputs of the step. Values are strings already, so that what a caller sees is decided here in code. */
export interface Outputs {
  set(name: string, value: string): void;
}

/** The outputs of the runner's current step. */
export const runnerOutputs: Outputs = {
  set: (name, value) => core.setOutput(name, value),
};
