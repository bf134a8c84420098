import { createHash } from 'node:crypto';

/** Longest name of a Helm release (helm: pkg/chart/common/util, ValidateReleaseName). */
export const maxServiceNameLength = 53;

/** Whether a text can be a service's name: a DNS label as a Kubernetes Service must have (RFC 1035). */
export function isServiceName(name: string): boolean {
  return name.length <= maxServiceNameLength && /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/.test(name);
}

/**
 * The name that a folder gives its service: lower case, words apart by `-`, `svc-` in front of a digit since
 * a Service's name cannot begin with one, and an end of its own when it had to be cut. `user_service`
 * gives `user-service`, `OrderAPI` `order-api`, `2fa` `svc-2fa`. Undefined when nothing is left.
 */
export function derivedServiceName(text: string): string | undefined {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1-')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (words === '') return undefined;
  const name = /^\d/.test(words) ? `svc-${words}` : words;
  if (name.length <= maxServiceNameLength) return name;
  const end = createHash('sha256').update(text).digest('hex').slice(0, 7);
  return `${name.slice(0, maxServiceNameLength - 8).replace(/-$/, '')}-${end}`;
}
