import { promises as fs } from 'node:fs';
import path from 'node:path';
import {
  actionInputTexts,
  deploymentOrder,
  type ActionKey,
  type EffectiveService,
  type Fleet,
  type ServiceSettings,
  type Target,
} from '@slipway/fleet';
import type { MatrixEntry, ReleaseEvent, ReleasePlan, Service } from '@slipway/release';
import { asksFile, fleetEnvironment, type FleetEnvironment } from './fleet-environment.ts';
import { explainService, type CallInputs } from './fleet-selection.ts';
import { ownersText, saidPlaces, type SaidPlaces } from './said-places.ts';

/** An entry of the matrix with what slipway.yml says beyond it; all of it texts. */
export interface FleetEntry extends MatrixEntry, SaidPlaces {
  ldflags: string;
  /** One per line, without characters that could not be seen. */
  owners: string;
  /** Services of a lower number are deployed before those of a higher one; from 0. */
  order: string;
  /** Inputs of the action as JSON, for its input `settings`: those that slipway.yml says. */
  go: string;
  build: string;
  helm: string;
  verify: string;
}

/** A plan with what slipway.yml says. */
export interface FleetPlan extends ReleasePlan {
  matrix: readonly FleetEntry[];
  /** Inputs of setup-go-cached that slipway.yml says of every service, as JSON: what holds where modules are tested. */
  go: string;
  /** Where the release goes by the file; undefined when the file says nothing of this event. */
  sentTo: FleetEnvironment | undefined;
  /** Targets of the environment, wave by wave; empty when nothing is deployed. */
  waves: readonly (readonly Target[])[];
  /** What holds for each planned service, and who said so. */
  explained: readonly { name: string; service: EffectiveService }[];
}

/** What a plan is completed with. */
export interface FleetFacts {
  root: string;
  fleet: Fleet | undefined;
  call: CallInputs & {
    /** With `{environment}` and `{service}` in it; undefined when the call says nothing of it. */
    namespace: string | undefined;
    /** Whether the call says itself where releases go; then the file is not asked. */
    environments: boolean;
  };
  services: readonly Service[];
  nowMs: number;
}

/**
 * Completes a plan by slipway.yml: environment and freeze, namespaces, value files, order, and the inputs
 * of each action. Throws an InputError for a circle of depends-on and for an environment that is not there.
 */
export async function planFleet(
  plan: ReleasePlan,
  event: ReleaseEvent,
  facts: FleetFacts,
): Promise<FleetPlan> {
  const { root, fleet, call, services, nowMs } = facts;
  const known = new Map<string, EffectiveService>();
  for (const service of services)
    known.set(service.name, await explainService(root, service, { fleet, call }));
  const byItself = asksFile(fleet, call);
  const sentTo = byItself
    ? fleetEnvironment(fleet, event, { version: plan.version, nowMs })
    : undefined;
  const deploys = sentTo?.frozen === '';
  const byFile = deploys ? sentTo.environment.name : '';
  const environment = byItself ? byFile : plan.environment;
  const order = orderOf(known);
  const matrix = await Promise.all(
    plan.matrix.map(async (entry) => {
      const service = services.find(({ name }) => name === entry.service);
      const settings = known.get(entry.service)?.settings ?? {};
      const moved = byItself
        ? await inEnvironment(entry, { facts, service, environment, target: commonTarget(sentTo) })
        : entry;
      return fleetEntry(moved, settings, { order: order.get(entry.service) ?? 0, kind: plan.kind });
    }),
  );
  return Object.assign({}, plan, {
    environment,
    matrix: matrix.toSorted((a, b) => Number(a.order) - Number(b.order)),
    go: inputsAsJson('go', fleet?.defaults ?? {}),
    sentTo,
    waves: deploys ? sentTo.environment.waves : [],
    explained: [...known]
      .filter(([name]) => plan.services.includes(name))
      .map(([name, service]) => ({ name, service })),
  });
}

function orderOf(known: ReadonlyMap<string, EffectiveService>): ReadonlyMap<string, number> {
  const groups = deploymentOrder(
    [...known].map(([name, { settings }]) => ({ name, dependsOn: settings['depends-on'] ?? [] })),
  );
  return new Map(groups.flatMap((group, index) => group.map((name) => [name, index] as const)));
}

/** What holds for every target of an environment; what differs between them is in `waves` alone. */
function commonTarget(
  sentTo: FleetEnvironment | undefined,
): Pick<Target, 'name' | 'namespace' | 'valueFiles'> {
  const targets = sentTo?.environment.waves.flat() ?? [];
  const [first] = targets;
  if (first === undefined) return { name: '', namespace: undefined, valueFiles: [] };
  if (targets.length === 1) return first;
  const holds = (pattern: string): boolean => !pattern.includes('{target}');
  const isSame = targets.every(({ namespace }) => namespace === first.namespace);
  return {
    name: '',
    namespace: isSame && holds(first.namespace ?? '') ? first.namespace : undefined,
    valueFiles: first.valueFiles.filter(
      (file) => holds(file) && targets.every(({ valueFiles }) => valueFiles.includes(file)),
    ),
  };
}

function filled(pattern: string, names: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);
}

async function inEnvironment(
  entry: MatrixEntry,
  given: {
    facts: FleetFacts;
    service: Service | undefined;
    environment: string;
    target: ReturnType<typeof commonTarget>;
  },
): Promise<MatrixEntry> {
  const { facts, service, environment, target } = given;
  const names = { environment, service: entry.service, chart: entry.chart, target: target.name };
  const patterns = target.valueFiles.map((pattern) => filled(pattern, names));
  const files: string[] = [];
  for (const file of patterns) {
    const isThere = await fs.stat(path.join(facts.root, file)).then(
      (stat) => stat.isFile(),
      () => false,
    );
    if (isThere && !file.startsWith('/')) files.push(file);
  }
  const usual = service?.valueFiles[environment] ?? '';
  return Object.assign({}, entry, {
    environment,
    namespace: filled(facts.call.namespace ?? target.namespace ?? '{environment}', names),
    'value-files': patterns.length > 0 ? files.join('\n') : usual,
  });
}

function fleetEntry(
  entry: MatrixEntry,
  settings: ServiceSettings,
  { order, kind }: { order: number; kind: ReleasePlan['kind'] },
): FleetEntry {
  const { image } = settings;
  // Code under review gets no registry, wherever the registry is said.
  const own = typeof image === 'string' && kind !== 'pull-request' ? { image } : {};
  const placed = Object.assign({}, entry, own, saidPlaces(entry, settings));
  return Object.assign(placed, {
    ldflags: settings.ldflags ?? '',
    owners: ownersText(settings),
    order: String(order),
    go: inputsAsJson('go', settings),
    build: inputsAsJson('build', settings),
    helm: inputsAsJson('helm', settings),
    verify: inputsAsJson('verify', settings),
  });
}

function inputsAsJson(key: ActionKey, settings: ServiceSettings): string {
  return JSON.stringify(actionInputTexts(key, settings[key] ?? {}));
}
