import { afterEach } from '@jest/globals';
import { unpackEvidence, type PackedEvidence } from '../../src/observe/metrics/index.ts';
import { beganMs, errorShare, scrapedService } from './scraped-service.ts';

/** Starts services that are scraped, and stops them at the end of each test of the file that asks for it. */
export function scrapedServices(): typeof scrapedService {
  const services: ReturnType<typeof scrapedService>[] = [];
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
  });
  return (options) => {
    const service = scrapedService(options);
    services.push(service);
    return service;
  };
}

export const secondsOf = (atMs: number): number => (atMs - beganMs) / 1000;
/** A counter of `perSecond` requests since a pod began five seconds before the verification. */
export const since = (atMs: number, perSecond: number, fromSecond = -5): number =>
  Math.max(0, Math.floor((secondsOf(atMs) - fromSecond) * perSecond));
export const share = { errorShare };

/** The units that the share check has, summed up. */
export function counted(service: ReturnType<typeof scrapedService>) {
  const { checks } = unpackEvidence(service.check.evidence() as PackedEvidence);
  const found = checks.find(({ name }) => name === 'error share');
  const units = found?.kind === 'share' ? found.units : [];
  const sum = (of: (unit: (typeof units)[number]) => number) =>
    units.reduce((all, unit) => all + of(unit), 0);
  return { units, total: sum(({ total }) => total), bad: sum(({ bad }) => bad) };
}
