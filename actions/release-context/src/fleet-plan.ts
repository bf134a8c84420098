import {
  actionInputTexts,
  deploymentOrder,
  saidAt,
  type ActionKey,
  type EffectiveService,
  type Fleet,
  type OrderedService,
  type ServiceSettings,
  type Target,
} from '@slipway/fleet';
import type { MatrixEntry, ReleaseEvent, ReleasePlan, Service } from '@slipway/release';
import { InputError } from '@slipway/runtime';
import { asksFile, fleetEnvironment, type FleetEnvironment } from './fleet-environment.ts';
import { explainService, type CallInputs } from './fleet-selection.ts';
import { ownersText, saidPlaces, type SaidPlaces } from './said-places.ts';
import { commonPlace, inPlace } from './target-place.ts';

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
  /**
   * Inputs of setup-go-cached, as JSON, where modules are tested: those that all services have alike, else those that
   * slipway.yml says of every service.
   */
  go: string;
  /** Where the release goes by the file; undefined when the file says nothing of this event. */
  sentTo: FleetEnvironment | undefined;
  /** Targets of the environment, wave by wave; empty when nothing is deployed. */
  waves: readonly (readonly Target[])[];
  /** Every service and what it depends on. */
  ordered: readonly OrderedService[];
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
  const ordered = [...known].map(([name, service]) => {
    const dependsOn = service.settings['depends-on'] ?? [];
    return { name, dependsOn, said: saidAt(service, 'depends-on') };
  });
  const order = orderOf(ordered);
  const matrix = await Promise.all(
    plan.matrix.map(async (entry) => {
      const service = services.find(({ name }) => name === entry.service);
      const settings = known.get(entry.service)?.settings ?? {};
      const moved = byItself
        ? await inPlace(entry, {
            root,
            namespace: call.namespace,
            usualValueFiles: service?.valueFiles[environment] ?? '',
            environment,
            place: commonPlace(sentTo?.environment.waves.flat() ?? []),
          })
        : entry;
      return fleetEntry(moved, settings, { order: order.get(entry.service) ?? 0, kind: plan.kind });
    }),
  );
  return Object.assign({}, plan, {
    environment,
    matrix: matrix.toSorted((a, b) => Number(a.order) - Number(b.order)),
    go: commonGo(known, fleet),
    sentTo,
    waves: deploys ? sentTo.environment.waves : [],
    ordered,
    explained: [...known]
      .filter(([name]) => plan.services.includes(name))
      .map(([name, service]) => ({ name, service })),
  });
}

function orderOf(ordered: readonly OrderedService[]): ReadonlyMap<string, number> {
  const groups = deploymentOrder(ordered);
  return new Map(groups.flatMap((group, index) => group.map((name) => [name, index] as const)));
}

function commonGo(known: ReadonlyMap<string, EffectiveService>, fleet: Fleet | undefined): string {
  const all = new Set([...known].map(([name, { settings }]) => inputsAsJson('go', settings, name)));
  const [common] = all;
  if (all.size === 1 && common !== undefined) return common;
  return inputsAsJson('go', fleet?.defaults ?? {}, 'defaults');
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
    go: inputsAsJson('go', settings, entry.service),
    build: inputsAsJson('build', settings, entry.service),
    helm: inputsAsJson('helm', settings, entry.service),
    verify: inputsAsJson('verify', settings, entry.service),
  });
}

/** So many bytes fit a variable of a step's environment, as which an action gets its inputs: Linux gives one 128 KiB. */
const mostBytes = 120_000;

function inputsAsJson(key: ActionKey, settings: ServiceSettings, of: string): string {
  const text = JSON.stringify(actionInputTexts(key, settings[key] ?? {}));
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes)
    throw new InputError(
      `slipway.yml says ${Math.ceil(bytes / 1000)} kB under ${key} of ${of}, more than the ${mostBytes / 1000} kB that an action can be given.`,
      { next: 'Put what is long into a file of the repository, such as one of value-files.' },
    );
  return text;
}
