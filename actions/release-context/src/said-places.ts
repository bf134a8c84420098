import { actionInputTexts, type ServiceSettings } from '@slipway/fleet';
import type { MatrixEntry } from '@slipway/release';

/** Where a service is built, deployed and watched: what several jobs and steps have to agree on. */
export interface SaidPlaces {
  release: string;
  namespace: string;
  chart: string;
  workload: string;
  /** Where the build leaves its files. */
  'output-dir': string;
}

/** What was said, when it was; an empty text says nothing. */
function said(text: string | undefined, otherwise: string): string {
  return text === undefined || text === '' ? otherwise : text;
}

/** The places of an entry; what slipway.yml says of one as an input of one action holds for all of them. */
export function saidPlaces(entry: MatrixEntry, settings: ServiceSettings): SaidPlaces {
  const helm = actionInputTexts('helm', settings.helm ?? {});
  const verify = actionInputTexts('verify', settings.verify ?? {});
  const build = actionInputTexts('build', settings.build ?? {});
  return {
    release: said(helm['release'], entry.release),
    namespace: said(helm['namespace'], entry.namespace),
    chart: said(helm['chart'], entry.chart),
    workload: said(verify['workload'], entry.workload),
    'output-dir': said(build['output-dir'], `.slipway/${entry.service}`),
  };
}

/** Control characters, line separators, and what is invisible or turns the direction. */
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The owners of a service, one per line, for messages of a workflow's own. */
export function ownersText(settings: ServiceSettings): string {
  return (settings.owners ?? []).map((owner) => owner.replace(unseen, '')).join('\n');
}
