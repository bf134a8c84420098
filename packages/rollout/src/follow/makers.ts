import { KubeError, type KubeClient } from '@slipway/kube';
import type { Maker } from '../history/index.ts';
import { makerKinds, type MakerKind, type MakerObject } from './maker-kind.ts';

/** Who makes Secrets in a namespace, as far as these credentials may read it. */
export interface FoundMakers {
  makers: readonly Maker[];
  /** Kinds that are there and may not be read: `certificates.cert-manager.io`. */
  unread: readonly string[];
}

interface ApiGroups {
  groups: readonly { name: string; preferredVersion: { version: string } }[];
}

function makerPath({ group, resource }: MakerKind, version: string, namespace: string): string {
  return `/apis/${group}/${version}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}

/** Why an object has not done its work yet, by the condition that says so. */
function saying({ status }: MakerObject): string | undefined {
  const bad = status?.conditions?.find(
    ({ type, status: holds }) => (type === 'Ready' || type === 'Synced') && holds === 'False',
  );
  return bad?.message ?? bad?.reason;
}

function makersIn(objects: readonly MakerObject[], { singular, secretsOf }: MakerKind): Maker[] {
  return objects.flatMap((object) => {
    const says = saying(object);
    return secretsOf(object).flatMap((name): Maker[] =>
      name === undefined
        ? []
        : [
            {
              makes: { kind: 'Secret', name },
              object: `${singular}/${object.metadata?.name ?? ''}`,
              ...(says === undefined ? {} : { says }),
            },
          ],
    );
  });
}

/**
 * Looks for the objects that say that one of the Secrets `names` will be made. What the cluster does not
 * know or refuses to show is no failure; throws only what is no answer of the API server.
 */
export async function findMakers(
  client: KubeClient,
  namespace: string,
  names: ReadonlySet<string>,
): Promise<FoundMakers> {
  const refused = (error: unknown): undefined => {
    if (!(error instanceof KubeError)) throw error;
    return undefined;
  };
  const served = await client.get<ApiGroups>('/apis').catch(refused);
  const versions = new Map(
    served?.groups.map(({ name, preferredVersion }) => [name, preferredVersion.version]),
  );
  const makers: Maker[] = [];
  const unread: string[] = [];
  for (const kind of makerKinds) {
    const version = versions.get(kind.group);
    if (version === undefined) continue;
    const objects = await client
      .list<MakerObject>(makerPath(kind, version, namespace))
      .catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 404) return [];
        return refused(error);
      });
    if (objects === undefined) unread.push(`${kind.resource}.${kind.group}`);
    else makers.push(...makersIn(objects, kind).filter(({ makes }) => names.has(makes.name)));
  }
  return { makers, unread };
}
