import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { crossBuildSection, type CrossBuildResult } from './go-cross-build.ts';
import { affectedMarkdown, type AffectedResult } from './flow-affected.ts';
import { flowSection, type FlowResult } from './flow.ts';
import { helmSection, type HelmResult } from './helm-atomic-upgrade.ts';
import {
  killsMarkdown,
  type KillsResult,
  rollbacksMarkdown,
  type RollbacksResult,
  slowMarkdown,
  type SlowResult,
} from './helm-endurance.ts';
import { helmSpeedMarkdown, type HelmSpeedResult } from './helm-speed.ts';
import type { Section } from './section.ts';
import { setupSection, type SetupResult } from './setup-go-cached.ts';
import { startupSection, type StartupResult } from './startup.ts';
import { verifySection, type VerifyResult } from './verify-health.ts';

/** docs/benchmarks.md and its charts. */
export interface BenchmarksPage {
  markdown: string;
  /** SVG by file name. */
  charts: ReadonlyMap<string, string>;
}

/** How the results of each benchmark are told; a benchmark without an entry is named as not told. */
const sections: Readonly<
  Record<string, (result: unknown, besides: (name: string) => unknown) => Section>
> = {
  'setup-go-cached': (result) => setupSection(result as SetupResult),
  'go-cross-build': (result) => crossBuildSection(result as CrossBuildResult),
  'helm-atomic-upgrade': (result, besides) => {
    const section = helmSection(result as HelmResult);
    const told = (name: string, tell: (result: unknown) => string): readonly string[] => {
      const found = besides(name);
      return found === undefined ? [] : [tell(found)];
    };
    const markdown = [
      section.markdown,
      ...told('helm-speed', (found) => helmSpeedMarkdown(found as HelmSpeedResult)),
      ...told('helm-slow-but-fine', (found) => slowMarkdown(found as SlowResult)),
      ...told('helm-rollbacks', (found) => rollbacksMarkdown(found as RollbacksResult)),
      ...told('helm-kills', (found) => killsMarkdown(found as KillsResult)),
    ].join('\n\n');
    return { ...section, markdown };
  },
  'verify-health': (result) => verifySection(result as VerifyResult),
  flow: (result, besides) => {
    const section = flowSection(result as FlowResult);
    const affected = besides('flow-affected') as AffectedResult | undefined;
    if (affected === undefined) return section;
    const markdown = `${section.markdown}\n\n${affectedMarkdown(affected)}`;
    return { markdown, charts: section.charts };
  },
  startup: (result) => startupSection(result as StartupResult),
};

const head = `<!-- Written by tools/docs/generate.ts from bench/results/. Run it again instead of editing. -->
# Benchmarks

Each benchmark runs Slipway and what people use instead in turns, on one machine in one run, so that a busy machine is busy for
all of them. The numbers are those of [bench/results](../bench/results), and what Slipway loses stands below each table. They
are of one machine and few rounds: take the ratios, not the seconds. Run one yourself:

    npm run bench -- helm-atomic-upgrade`;

function sectionOf(root: string, name: string): Section {
  const command = `\`npm run bench -- ${name}\``;
  const make = sections[name];
  const read = (of: string): unknown => {
    const file = path.join(root, 'bench', 'results', `${of}.json`);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
  };
  const result = read(name);
  if (make === undefined || result === undefined) {
    const why = make === undefined ? 'It is not told here.' : 'There are no results to show yet.';
    return { markdown: `${why} ${command} runs it.`, charts: {} };
  }
  return make(result, read);
}

/** Makes the page and its charts from the results in the checkout at `root`. */
export function benchmarksPage(root: string): BenchmarksPage {
  const measured = readdirSync(path.join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  const ordered = [
    ...Object.keys(sections).filter((name) => measured.includes(name)),
    ...measured.filter((name) => !(name in sections)).sort(),
  ];
  const told = ordered.map((name) => ({ name, ...sectionOf(root, name) }));
  return {
    markdown: `${[head, ...told.map(({ name, markdown }) => `## ${name}\n\n${markdown}`)].join('\n\n')}\n`,
    charts: new Map(told.flatMap(({ charts }) => Object.entries(charts))),
  };
}
