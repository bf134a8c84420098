/** A field: its type as GraphQL writes it, and the types of its arguments. */
export interface FieldType {
  type: string;
  args?: Readonly<Record<string, string>>;
}

const page = { after: 'String', before: 'String', first: 'Int', last: 'Int' };

/**
 * The types of GitHub's public GraphQL schema that Slipway asks for, field by field as they stand there
 * (octokit/graphql-schema, schema.graphql, of July 2026). What is not here cannot be asked in a test.
 */
export const graphqlSchema: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  Query: {
    repository: {
      type: 'Repository',
      args: { followRenames: 'Boolean', name: 'String!', owner: 'String!' },
    },
  },
  Repository: {
    deployments: {
      type: 'DeploymentConnection!',
      args: { ...page, environments: '[String!]', orderBy: 'DeploymentOrder' },
    },
  },
  DeploymentConnection: {
    nodes: { type: '[Deployment]' },
    pageInfo: { type: 'PageInfo!' },
    totalCount: { type: 'Int!' },
  },
  Deployment: {
    commitOid: { type: 'String!' },
    createdAt: { type: 'DateTime!' },
    databaseId: { type: 'Int' },
    description: { type: 'String' },
    environment: { type: 'String' },
    id: { type: 'ID!' },
    latestEnvironment: { type: 'String' },
    latestStatus: { type: 'DeploymentStatus' },
    payload: { type: 'String' },
    state: { type: 'DeploymentState' },
    statuses: { type: 'DeploymentStatusConnection', args: page },
    task: { type: 'String' },
    updatedAt: { type: 'DateTime!' },
  },
  DeploymentStatusConnection: {
    nodes: { type: '[DeploymentStatus]' },
    pageInfo: { type: 'PageInfo!' },
    totalCount: { type: 'Int!' },
  },
  DeploymentStatus: {
    createdAt: { type: 'DateTime!' },
    description: { type: 'String' },
    environment: { type: 'String' },
    environmentUrl: { type: 'URI' },
    logUrl: { type: 'URI' },
    state: { type: 'DeploymentStatusState!' },
    updatedAt: { type: 'DateTime!' },
  },
  PageInfo: {
    endCursor: { type: 'String' },
    hasNextPage: { type: 'Boolean!' },
    hasPreviousPage: { type: 'Boolean!' },
    startCursor: { type: 'String' },
  },
};

/** The type without its lists and exclamation marks. */
export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}
