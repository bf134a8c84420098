/** Keys whose values name something: `name`, `secretName`, `serviceAccountName`, `claimName`, `namespace`. */
const nameKey = /^(?:name|namespace|key|port|[A-Za-z]+(?:Name|Ref))$/;

function collect(value: unknown, isName: boolean, found: Set<string>): void {
  if (typeof value === 'string') {
    if (isName) found.add(value);
  } else if (Array.isArray(value)) for (const item of value) collect(item, isName, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) collect(inner, nameKey.test(key), found);
}

/**
 * The names in rendered objects: their own, and those of what they refer to. They are in every log and
 * event of the cluster, so that a Secret which holds the same word does not make them secret.
 */
export function namesInObjects(
  objects: readonly { kind?: unknown; metadata?: unknown }[],
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const object of objects)
    collect(object.kind === 'Secret' ? object.metadata : object, false, found);
  return found;
}
