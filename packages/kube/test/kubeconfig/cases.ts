import type { KubeconfigCase } from './case.ts';
import { clusterCases } from './cluster-cases.ts';
import { fileCases } from './file-cases.ts';
import { userCases } from './user-cases.ts';

/** All kubeconfigs of the contract. */
export const cases: readonly KubeconfigCase[] = [...userCases, ...clusterCases, ...fileCases];
