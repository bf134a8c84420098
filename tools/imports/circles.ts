interface Visit {
  index: number;
  low: number;
  open: boolean;
}

/**
 * The groups of nodes that reach each other in a circle, each sorted, by Tarjan's algorithm for
 * strongly connected components. A node that leads to itself is a circle of one.
 */
export function circles(
  graph: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const visits = new Map<string, Visit>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): Visit => {
    const own: Visit = { index: visits.size, low: visits.size, open: true };
    visits.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      const known = visits.get(next);
      if (known === undefined) own.low = Math.min(own.low, visit(next).low);
      else if (known.open) own.low = Math.min(own.low, known.index);
    }
    if (own.low === own.index) {
      const group = stack.splice(stack.indexOf(node));
      for (const member of group) {
        const closed = visits.get(member);
        if (closed !== undefined) closed.open = false;
      }
      if (group.length > 1 || graph.get(node)?.includes(node) === true) found.push(group.sort());
    }
    return own;
  };
  for (const node of graph.keys()) if (!visits.has(node)) visit(node);
  return found;
}
