import { actionInputTexts, type Fleet, type ServiceSettings, type Target } from '@slipway/fleet';
import type { Service } from '@slipway/release';
import { explainService, type CallInputs } from '../fleet-selection.ts';
import { filledIn } from '../target-place.ts';

/** Where helm-atomic-upgrade keeps a service in one target. */
export interface ReleasePlace {
  service: string;
  release: string;
  namespace: string;
}

/** What says where releases are. */
export interface PlaceFacts {
  root: string;
  fleet: Fleet | undefined;
  call: CallInputs & { namespace: string | undefined };
  services: readonly Service[];
}

/** Tells the places of all services that are deployed, for one target after the other. */
export async function releasePlaces(
  facts: PlaceFacts,
  environment: string,
): Promise<(target: Target) => readonly ReleasePlace[]> {
  const { root, call } = facts;
  const deployed = facts.services.filter(({ chart, image }) => chart !== '' && image);
  const known: { service: Service; settings: ServiceSettings }[] = [];
  for (const service of deployed)
    known.push({ service, settings: (await explainService(root, service, facts)).settings });
  return (target) =>
    known.map(({ service: { name, chart }, settings }) => {
      const said = actionInputTexts('helm', settings.helm ?? {});
      const saidOr = (key: string, usual: string): string => {
        const text = said[key] ?? '';
        return text === '' ? usual : text;
      };
      const names = { environment, service: name, chart, target: target.name };
      const pattern = call.namespace ?? target.namespace ?? '{environment}';
      return {
        service: name,
        release: saidOr('release', name),
        namespace: saidOr('namespace', filledIn(pattern, names)),
      };
    });
}
