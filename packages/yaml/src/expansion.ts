interface Extent {
  /** Values in it, itself among them, with aliases written out. */
  size: number;
  height: number;
}

/**
 * What is wrong with the aliases of `value`, undefined when nothing is. js-yaml lets aliases share one
 * object, so they cost nothing until somebody walks or prints the value: then ten lines can be billions
 * of values, and an alias inside its own anchor has no end. At most `maxSize` values and `maxDepth`
 * levels are allowed with all aliases written out.
 */
export function expansionProblem(
  value: unknown,
  limits: { maxSize: number; maxDepth: number },
): string | undefined {
  const known = new Map<object, Extent>();
  let problem: string | undefined;
  const measure = (node: unknown, depth: number): Extent => {
    if (typeof node !== 'object' || node === null) return { size: 1, height: 0 };
    const seen = known.get(node);
    if (depth + (seen?.height ?? 0) > limits.maxDepth)
      problem ??= `it is nested more than ${limits.maxDepth} levels deep`;
    if (seen !== undefined) return seen;
    const extent = { size: 1, height: 0 };
    for (const child of Object.values(node)) {
      if (problem !== undefined) break;
      const { size, height } = measure(child, depth + 1);
      extent.size += size;
      extent.height = Math.max(extent.height, height + 1);
      if (extent.size > limits.maxSize) problem ??= `it has more than ${limits.maxSize} values`;
    }
    known.set(node, extent);
    return extent;
  };
  measure(value, 1);
  return problem;
}
