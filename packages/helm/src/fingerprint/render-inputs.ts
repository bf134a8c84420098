import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { ArchiveError } from '@slipway/archive';
import type { UpgradePlan } from '../tool/index.ts';
import { ChartTooLargeError, readChartFiles, type ChartFile } from './chart-files.ts';
import { bothNeed, dataNeeds, templateNeeds, type TemplateNeeds } from './template-needs.ts';

/** All that decides what a chart renders to, but for Helm and the cluster. */
export interface RenderInputs {
  /** SHA-256 of chart, values and what Helm is asked for. */
  digest: string;
  /** What of the cluster decides as well. */
  needs: Pick<TemplateNeeds, 'kubeVersion' | 'kinds'>;
}

/** The SHA-256 of what is told from each other by its place. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

const bytesDigest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A path without the charts that it is in. */
const ownPath = (path: string): string => path.replace(/^(?:charts\/[^/]+\/)*/, '');

const needsNothing: TemplateNeeds = { open: false, kubeVersion: false, kinds: false, tpl: false };

function fileNeeds({ path, content }: ChartFile): TemplateNeeds {
  const own = ownPath(path);
  if (own.startsWith('templates/')) return templateNeeds(content.toString('utf8'));
  // Helm asks the cluster for its version where the chart says which ones it is for.
  const asks = own === 'Chart.yaml' && /kubeversion/i.test(content.toString('utf8'));
  return asks ? { open: false, kubeVersion: true, kinds: false, tpl: false } : needsNothing;
}

/** What the templates of a chart need; what is no template counts where one of them makes it one (`tpl`). */
function chartNeeds(files: readonly ChartFile[], values: readonly Buffer[]): TemplateNeeds {
  const needs = files.map(fileNeeds).reduce(bothNeed, needsNothing);
  if (needs.open || !needs.tpl) return needs;
  const data = files.filter(({ path }) => !ownPath(path).startsWith('templates/'));
  return [...data.map(({ content }) => content), ...values]
    .map((content) => dataNeeds(content.toString('utf8')))
    .reduce(bothNeed, needs);
}

/**
 * What decides what the upgrade renders to. Undefined where chart, values, Helm and the cluster's version do
 * not decide it alone: templates that ask the clock, chance or the cluster's objects, a post-renderer, CRDs that
 * are compared with the cluster, a chart that is too large.
 */
export async function readRenderInputs(plan: UpgradePlan): Promise<RenderInputs | undefined> {
  if (plan.postRenderer !== undefined || plan.crds === 'upgrade') return undefined;
  try {
    const [files, values] = await Promise.all([
      readChartFiles(plan.chart),
      Promise.all(plan.valueFiles.map((file) => fs.readFile(file))),
    ]);
    const { open, kubeVersion, kinds } = chartNeeds(files, values);
    if (open) return undefined;
    const { release, namespace, crds, hooks, takeOwnership, schemaValidation } = plan;
    const chart = files.map(({ path, content }) => [path, bytesDigest(content)]);
    const asked = [release, namespace, crds, hooks, takeOwnership, schemaValidation];
    const digest = digestOf(['1', asked, chart, values.map(bytesDigest)]);
    return { digest, needs: { kubeVersion, kinds } };
  } catch (error) {
    if (error instanceof ChartTooLargeError || error instanceof ArchiveError) return undefined;
    // What cannot be read Helm tells of in its own words.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
