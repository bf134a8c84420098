/** What makes a key one for secrets, in lower-case words: `db_password` is `db password`. */
const secretWords =
  /\b(?:pass(?:word|wd|phrase)?s?$|[a-z]*passwords?|\w+ pwd$|passphrase|secrets?|tokens?|credentials?|private ?keys?|api ?keys?|access ?keys?|(?:encryption|signing|ssh|hmac) ?keys?$|connection ?strings?$|rediscli auth$|dsns?$)\b/;

/** A key whose value names, places or describes a secret: `existingSecret`, `tokenTTL`, `passwordKey`. */
const referenceWords =
  /\b(?:existing|pull|external)\b|\b(?:names?|refs?|references?|selectors?|files?|paths?|dirs?|mounts?|volumes?|providers?|stores?|class|types?|kinds?|enabled?|create|annotations|labels|namespaces?|urls?|uris?|endpoints?|hosts?|ports?|audiences?|issuers?|ttl|seconds|minutes|duration|expirations?|interval|rotation|policy|length|size|version|algorithm)$|\b(?:password|token|credentials?) keys?$|^secret keys$|\b(?:tls|pull|credentials?|password|token|registry|config|env|cert) secrets?$/;

function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/**
 * Whether what stands under a key of chart values is secret; `within` says that the mapping around it
 * is. Names of Secrets and of keys in them are not, else the name of the release could be one.
 */
export function holdsSecret(key: string, within: boolean): boolean {
  const words = wordsOf(key);
  if (referenceWords.test(words)) return false;
  return within || secretWords.test(words);
}

/** Whether an item of a list of arguments is a flag whose value, a secret, is the next one: `--password`. */
export function asksForSecret(item: unknown): boolean {
  const [, name = ''] = typeof item === 'string' ? (/^--?([\w.-]+)$/.exec(item) ?? []) : [];
  return holdsSecret(name, false);
}
