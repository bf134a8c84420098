import { expect, test } from '@jest/globals';
import type { KubeClient } from '@slipway/kube';
import type { HelmMajor, HelmRunner, PostRenderer, UpgradePlan } from '../../src/tool/index.ts';
import { renderTemplate } from '../../src/upgrade/template-render.ts';

const crd = `# Source: app/crds/x.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: xs.example.com }
spec: { group: example.com, names: { kind: X }, versions: [{ name: v1 }] }`;
const heading = '# Source: app/templates/x.yaml\n';
const object = `apiVersion: example.com/v1
kind: X
metadata: { name: plain }`;

/** As Kustomize prints what it read: without comments, and changed. */
const postRendered = (printed: string): string =>
  printed.replace(/^#.*\n/gm, '').replace('plain', 'rendered');

/**
 * What `helm template` prints. Helm 3 hands CRDs to the post-renderer with all the rest; Helm 4 does not, and
 * heads each file again.
 */
function printedBy(major: HelmMajor, args: readonly string[]): string {
  const crds = args.includes('--include-crds') ? `---\n${crd}\n` : '';
  const objects = `---\n${heading}${object}\n`;
  if (!args.includes('--post-renderer')) return crds + objects;
  if (major === 3) return postRendered(crds + objects);
  return `${crds}---\n${heading}${postRendered(object)}\n`;
}

function helmOf(major: HelmMajor): HelmRunner {
  return {
    tool: { path: '/helm', version: `${major}.0.0`, major },
    driver: 'secret',
    run: (args) =>
      Promise.resolve({ stdout: printedBy(major, args), stderr: '', exitCode: 0, durationMs: 1 }),
  };
}

const answers: Readonly<Record<string, unknown>> = {
  '/version': { gitVersion: 'v1.33.0' },
  '/apis': { groups: [] },
  '/api/v1': { resources: [] },
};
const kube = { get: (path: string) => Promise.resolve(answers[path]) } as unknown as KubeClient;

const planOf = (postRenderer: PostRenderer): UpgradePlan => ({
  release: 'app',
  namespace: 'shop',
  chart: '/app',
  valueFiles: [],
  wait: true,
  waitForJobs: false,
  historyMax: 10,
  forceConflicts: false,
  crds: 'upgrade',
  hooks: true,
  takeOwnership: false,
  schemaValidation: true,
  description: '',
  labels: {},
  postRenderer,
});

// An install makes CRDs as they stand in the chart; no post-renderer sees them (fluxcd/helm-controller#1185).
test.each([3, 4] as const)(
  'Helm %i: a post-renderer changes what the chart renders to, and leaves its CRDs CRDs',
  async (major) => {
    const render = await renderTemplate(
      { helm: helmOf(major), kube },
      planOf({ program: '/kustomize.sh', args: [] }),
      { timeoutMs: 1_000, signal: new AbortController().signal, isUpgrade: true },
    );
    expect(render.crds.map(({ metadata }) => metadata.name)).toEqual(['xs.example.com']);
    expect(render.manifest).toContain('rendered');
    expect(render.manifest).not.toContain('CustomResourceDefinition');
  },
);
