import type { KubeObject } from '@slipway/kube';

/** An object of a kind that makes Secrets, as far as that is read. */
export interface MakerObject extends KubeObject {
  spec?: {
    secretName?: string;
    target?: { name?: string };
    destination?: { name?: string };
    template?: { metadata?: { name?: string } };
    secretTemplates?: readonly { name?: string }[];
    secretObjects?: readonly { secretName?: string }[];
    managedSecretReference?: { secretName?: string };
  };
  status?: {
    conditions?: readonly { type?: string; status?: string; message?: string; reason?: string }[];
  };
}

/** A kind whose objects say which Secrets will be made of them. */
export interface MakerKind {
  group: string;
  resource: string;
  /** What an object of it is called in a sentence: `certificate`. */
  singular: string;
  /** The Secrets that an object makes. */
  secretsOf: (object: MakerObject) => readonly (string | undefined)[];
}

const own = ({ metadata }: MakerObject): string | undefined => metadata?.name;
const vault = ({ spec }: MakerObject): readonly (string | undefined)[] => [spec?.destination?.name];

/** Whom one asks who makes a Secret; kinds that a cluster does not have are passed over. */
export const makerKinds: readonly MakerKind[] = [
  {
    group: 'cert-manager.io',
    resource: 'certificates',
    singular: 'certificate',
    secretsOf: ({ spec }) => [spec?.secretName],
  },
  {
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    singular: 'externalsecret',
    secretsOf: (object) => [object.spec?.target?.name ?? own(object)],
  },
  {
    group: 'bitnami.com',
    resource: 'sealedsecrets',
    singular: 'sealedsecret',
    secretsOf: (object) => [object.spec?.template?.metadata?.name ?? own(object)],
  },
  {
    group: 'secrets.hashicorp.com',
    resource: 'vaultstaticsecrets',
    singular: 'vaultstaticsecret',
    secretsOf: vault,
  },
  {
    group: 'secrets.hashicorp.com',
    resource: 'vaultdynamicsecrets',
    singular: 'vaultdynamicsecret',
    secretsOf: vault,
  },
  {
    group: 'secrets.hashicorp.com',
    resource: 'vaultpkisecrets',
    singular: 'vaultpkisecret',
    secretsOf: vault,
  },
  {
    group: 'onepassword.com',
    resource: 'onepassworditems',
    singular: 'onepassworditem',
    secretsOf: (object) => [own(object)],
  },
  {
    group: 'isindir.github.com',
    resource: 'sopssecrets',
    singular: 'sopssecret',
    secretsOf: ({ spec }) => (spec?.secretTemplates ?? []).map(({ name }) => name),
  },
  {
    group: 'secrets.infisical.com',
    resource: 'infisicalsecrets',
    singular: 'infisicalsecret',
    secretsOf: ({ spec }) => [spec?.managedSecretReference?.secretName],
  },
  {
    group: 'secrets-store.csi.x-k8s.io',
    resource: 'secretproviderclasses',
    singular: 'secretproviderclass',
    secretsOf: ({ spec }) => (spec?.secretObjects ?? []).map(({ secretName }) => secretName),
  },
];
