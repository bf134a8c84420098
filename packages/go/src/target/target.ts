import { InputError, nearestName, quoted } from '@slipway/runtime';
import type { GoPort } from './supported-target.ts';
import { variantRule } from './variant.ts';

/** One thing to build for: a port of Go and, where it has them, a level of its processor. */
export interface Target {
  /** The canonical text, for example `linux/arm/v7`. */
  text: string;
  goos: string;
  goarch: string;
  /** The value of the GOARM, GOAMD64 … variable; undefined means Go's own default. */
  variant: string | undefined;
  /** What `go` gets in its environment. An undefined value takes an inherited one away. */
  env: Readonly<Record<string, string | undefined>>;
  /** For file names: `linux_armv7`, `linux_amd64`, `linux_amd64v3`. */
  slug: string;
  /** How an OCI index names it. */
  platform: Readonly<{ os: string; architecture: string; variant?: string }>;
  cgoSupported: boolean;
}

const levelVariables = [
  'GO386',
  'GOAMD64',
  'GOARM',
  'GOARM64',
  'GOMIPS',
  'GOMIPS64',
  'GOPPC64',
  'GORISCV64',
  'GOWASM',
] as const;

/**
 * Reads `os/arch` or `os/arch/variant`, as Go and container platforms write them. Throws InputError
 * with the nearest or all valid values when `ports`, the list of the toolchain in use, does not have
 * it. A level that the environment happens to set does not count: the same text always means the
 * same target.
 */
export function parseTarget(text: string, ports: readonly GoPort[]): Target {
  const [goos = '', goarch = '', ...rest] = text.trim().split('/');
  const port = ports.find((known) => known.goos === goos && known.goarch === goarch);
  if (port === undefined || rest.length > 1 || rest[0] === '')
    throw new InputError(unknownTarget(text, goos, goarch, ports));
  const rule = variantRule(goarch);
  const variant = rest[0] === undefined ? undefined : rule?.parse(rest[0]);
  if (rest[0] !== undefined && variant === undefined)
    throw new InputError(
      rule === undefined
        ? `The target ${quoted(text)} has a variant, but ${goarch} has none: write ${goos}/${goarch}.`
        : `The variant of target ${quoted(text)} is unknown; valid for ${goarch}: ${rule.valid.join(', ')}.`,
    );
  const level = variant ?? rule?.pinned;
  const suffix = variant === undefined ? (rule?.slugWithout ?? '') : (rule?.slug(variant) ?? '');
  const ociVariant = level === undefined ? undefined : rule?.ociVariant(level);
  return {
    text: variant === undefined ? `${goos}/${goarch}` : `${goos}/${goarch}/${rest[0] ?? ''}`,
    goos,
    goarch,
    variant,
    env: {
      ...Object.fromEntries(levelVariables.map((name) => [name, undefined])),
      GOOS: goos,
      GOARCH: goarch,
      ...(rule === undefined || level === undefined ? {} : { [rule.variable]: level }),
    },
    slug: `${goos}_${goarch}${suffix}`,
    platform: {
      os: goos,
      architecture: goarch,
      ...(ociVariant === undefined ? {} : { variant: ociVariant }),
    },
    cgoSupported: port.cgoSupported,
  };
}

function unknownTarget(
  text: string,
  goos: string,
  goarch: string,
  ports: readonly GoPort[],
): string {
  const sameOs = ports.filter((port) => port.goos === goos);
  const sameProcessor = ports.filter((port) => port.goarch === goarch);
  const near = [sameOs, sameProcessor].find((found) => found.length > 0);
  const names = (some: readonly GoPort[]): string[] =>
    some.map((port) => `${port.goos}/${port.goarch}`);
  const meant = nearestName(text, names(ports));
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  return `The target ${quoted(text)} is unknown to this Go${hint}; valid${near === undefined ? '' : ' and near'}: ${names(near ?? ports).join(', ')}.`;
}
