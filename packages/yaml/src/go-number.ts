/** A whole number as Go's strconv.ParseInt takes it with base 0: `0755` is octal, `0x1f` hexadecimal. */
const wholePattern = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** So few characters fit into 64 bits whatever their base. */
const surelyFits = 15;

function fits64Bits(magnitude: string, negative: boolean): boolean {
  if (magnitude.length <= surelyFits) return true;
  // 64 bits are 64 binary digits at most; a megabyte of digits would take BigInt minutes.
  if (magnitude.replace(/^0(?:[xXoObB]0*)?/, '').length > 64) return false;
  return BigInt(magnitude) <= (negative ? 2n ** 63n : 2n ** 64n - 1n);
}

function unsigned(text: string): string {
  return text.replaceAll('_', '').replace(/^[-+]/, '');
}

/**
 * The whole number that go-yaml 2 sees in a plain scalar, undefined when it sees none. What needs more
 * than 64 bits is none to it; what needs more than 53 loses digits here, as in JSON.parse.
 */
function goWhole(text: string): number | undefined {
  if (!wholePattern.test(text.replaceAll('_', ''))) return undefined;
  const negative = text.startsWith('-');
  const magnitude = unsigned(text).replace(/^0(?=[0-7])/, '0o');
  if (!fits64Bits(magnitude, negative)) return undefined;
  const value = Number(magnitude);
  return negative && value !== 0 ? -value : value;
}

function goFloat(text: string): number | undefined {
  const plain = text.replaceAll('_', '');
  const value = floatPattern.test(plain) ? Number.parseFloat(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/**
 * The number that go-yaml 2 sees in a plain scalar (gopkg.in/yaml.v2: resolve.go), undefined when it is
 * a text to it. `.inf` and `.nan` are undefined too: JSON has no form of them, so Helm refuses them.
 */
export function goNumber(text: string): number | undefined {
  return /^[-+.0-9]/.test(text) ? (goWhole(text) ?? goFloat(text)) : undefined;
}
