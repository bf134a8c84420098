/** How one processor's levels are written in a target, in Go's variable and in file names. */
export interface VariantRule {
  variable: string;
  /** What a target may say, for messages. */
  valid: readonly string[];
  /** Set when the target says nothing, so that the build does not depend on the machine. */
  pinned: string | undefined;
  /** The value of the variable, or undefined when `text` is not a level of this processor. */
  parse(text: string): string | undefined;
  slug(value: string): string;
  /** The slug's end for a target without variant. */
  slugWithout: string;
  /** The variant in an OCI platform, as containerd matches it. */
  ociVariant(value: string): string | undefined;
}

function listed(
  variable: string,
  values: readonly string[],
  more: Partial<VariantRule> = {},
): VariantRule {
  return {
    variable,
    valid: values,
    pinned: values[0],
    parse: (text) => values.find((value) => value === text),
    slug: (value) => (value === values[0] ? '' : `_${value}`),
    slugWithout: '',
    ociVariant: () => undefined,
    ...more,
  };
}

// Values: go/src/internal/buildcfg/cfg.go. The first of each list is Go's default.
const rules: Readonly<Record<string, VariantRule>> = {
  amd64: listed('GOAMD64', ['v1', 'v2', 'v3', 'v4'], {
    slug: (value) => (value === 'v1' ? '' : value),
    ociVariant: (value) => (value === 'v1' ? undefined : value),
  }),
  '386': listed('GO386', ['sse2', 'softfloat']),
  arm: {
    variable: 'GOARM',
    valid: ['v5', 'v6', 'v7', 'v6,softfloat', 'v7,softfloat'],
    // Go's default depends on the host; 7 is what it takes when cross-compiling.
    pinned: '7',
    parse: (text) => /^v?([567](?:,(?:softfloat|hardfloat))?)$/.exec(text)?.[1],
    slug: (value) => `v${value.replace(',', '-')}`,
    slugWithout: 'v7',
    ociVariant: (value) => `v${value.charAt(0)}`,
  },
  arm64: {
    variable: 'GOARM64',
    valid: ['v8', 'v8.0 … v8.9', 'v9.0 … v9.5', 'each with ,lse or ,crypto'],
    pinned: 'v8.0',
    parse: (text) => {
      if (text === 'v8') return 'v8.0';
      return /^(?:v8\.[0-9]|v9\.[0-5])(?:,lse)?(?:,crypto)?$/.test(text) ? text : undefined;
    },
    slug: (value) => (value === 'v8.0' ? '' : value.replaceAll(',', '-')),
    slugWithout: '',
    ociVariant: (value) => (value.startsWith('v9') ? 'v9' : undefined),
  },
  mips: listed('GOMIPS', ['hardfloat', 'softfloat']),
  mipsle: listed('GOMIPS', ['hardfloat', 'softfloat']),
  mips64: listed('GOMIPS64', ['hardfloat', 'softfloat']),
  mips64le: listed('GOMIPS64', ['hardfloat', 'softfloat']),
  ppc64: listed('GOPPC64', ['power8', 'power9', 'power10']),
  ppc64le: listed('GOPPC64', ['power8', 'power9', 'power10']),
  riscv64: listed('GORISCV64', ['rva20u64', 'rva22u64', 'rva23u64']),
  wasm: {
    variable: 'GOWASM',
    valid: ['satconv', 'signext', 'satconv,signext'],
    pinned: undefined,
    parse: (text) => (/^(?:satconv|signext|satconv,signext)$/.test(text) ? text : undefined),
    slug: (value) => `_${value.replace(',', '-')}`,
    slugWithout: '',
    ociVariant: () => undefined,
  },
};

/** The levels of a processor, or undefined when Go knows none of it. */
export function variantRule(goarch: string): VariantRule | undefined {
  return rules[goarch];
}
