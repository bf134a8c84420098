import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { load } from 'js-yaml';
import { root } from '../../../tools/manifest.ts';
import { nobody, one, verdictOf, type ReleaseCase } from './release-case.ts';

const reading = [
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
];

/** The rules that docs/cluster-access tells users to grant. */
function documentedRules(): readonly object[] {
  const file = path.join(root, 'docs', 'cluster-access', 'verify-health.yaml');
  return (load(readFileSync(file, 'utf8')) as { rules: object[] }).rules;
}

/** What becomes of a release by what may be seen of it. */
export const accessCases: Readonly<Record<string, ReleaseCase>> = {
  apiServerDown: {
    name: 'is not observed when the API server cannot be reached',
    run: async (fixture) => {
      const kubeconfig = fixture.kubeconfigText.replace(/server: \S+/, `server: https://${nobody}`);
      return await fixture.verify({ kubeconfig, deadline: '15s' });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('the connection was refused');
    },
  },
  noProxyRight: {
    name: 'is not observed when the right to probe is missing, which is named',
    run: async (fixture) => {
      await fixture.release(one);
      return await fixture.verify({ kubeconfig: await fixture.restrictedKubeconfig(reading) });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain('these credentials lack get pods/proxy');
      expect(result.stdout).toContain('credentials lack list events, get pods/log');
      // A soak is not waited for.
      expect(result.stdout).not.toMatch(/soak [1-9]/);
    },
  },
  documentedRole: {
    name: 'is healthy for an account with the role of docs/cluster-access, and no right is missed',
    run: async (fixture) => {
      await fixture.release(one);
      const kubeconfig = await fixture.restrictedKubeconfig(documentedRules());
      return await fixture.verify({ kubeconfig });
    },
    check: (result) => {
      expect(verdictOf(result)).toBe('healthy');
      expect(result.stdout).not.toContain('these credentials lack');
      expect(result.stdout).not.toContain('may not be watched');
    },
  },
  noRights: {
    name: 'is not observed when it may not even be read, with every missing right named',
    run: async (fixture) =>
      await fixture.verify({ kubeconfig: await fixture.restrictedKubeconfig([]) }),
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.outputs['cause']).toContain(
        'lack get deployments.apps, list pods, watch pods, list replicasets.apps in namespace',
      );
    },
  },
  notThere: {
    name: 'that is not there is not observed, and the inputs to correct are named',
    run: async (fixture) => await fixture.verify(),
    check: (result) => {
      expect(verdictOf(result)).toBe('cannot-observe');
      expect(result.stdout).toContain('Correct the inputs workload and namespace.');
    },
  },
};
