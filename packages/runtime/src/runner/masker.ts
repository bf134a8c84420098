import * as core from '@actions/core';
import { createMasker, type Masker } from '../text/index.ts';

/** The masker of this step: tells the runner of each secret. */
export const runnerMasker: Masker = createMasker((form) => core.setSecret(form));
