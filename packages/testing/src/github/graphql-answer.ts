import { answerQuery, readQuery, type Resolvable } from './graphql-query.ts';
import type { StoredDeployment, StoredRepository } from './stored-repository.ts';

interface PageArguments {
  first?: number | null;
  after?: string | null;
  environments?: readonly string[] | null;
  orderBy?: { field: string; direction: string } | null;
}

/** A page as GitHub makes it: at most 100, and only with `first` or `last`. */
function connection(all: readonly Resolvable[], { first, after }: PageArguments): Resolvable {
  if (typeof first !== 'number')
    throw new Error("You must provide a 'first' or 'last' value to properly paginate");
  if (first > 100) throw new Error(`Requesting ${first} records exceeds the limit of 100 records`);
  const begin = after === undefined || after === null ? 0 : Number(after) + 1;
  const nodes = all.slice(begin, begin + first);
  const end = begin + nodes.length - 1;
  return {
    nodes,
    totalCount: all.length,
    pageInfo: {
      hasNextPage: end + 1 < all.length,
      hasPreviousPage: begin > 0,
      endCursor: nodes.length === 0 ? null : String(end),
      startCursor: nodes.length === 0 ? null : String(begin),
    },
  };
}

function deploymentOf(stored: StoredDeployment): Resolvable {
  return {
    commitOid: stored.sha,
    createdAt: stored.createdAt,
    databaseId: stored.id,
    description: stored.description,
    environment: stored.environment,
    task: stored.task,
    // Text, also of a payload that is a text already.
    payload: JSON.stringify(stored.payload),
    statuses: (args: PageArguments) =>
      connection(
        stored.statuses.map(({ state, createdAt }) => ({ state: state.toUpperCase(), createdAt })),
        args,
      ),
  };
}

/** What GitHub's GraphQL answers: `data`, or `errors` for a query that its schema does not allow. */
export function graphqlAnswer(
  request: Readonly<Record<string, unknown>>,
  repository: StoredRepository,
): unknown {
  const deployments = (args: PageArguments): Resolvable => {
    const wanted = repository.deployments.filter(
      ({ environment }) => args.environments?.includes(environment) ?? true,
    );
    // The default is the oldest first.
    const ordered = args.orderBy?.direction === 'DESC' ? wanted : [...wanted].reverse();
    return connection(ordered.map(deploymentOf), args);
  };
  try {
    const query = readQuery(
      String(request['query']),
      (request['variables'] ?? {}) as Readonly<Record<string, unknown>>,
    );
    return { data: answerQuery(query, { repository: () => ({ deployments }) }) };
  } catch (error) {
    return { data: null, errors: [{ message: (error as Error).message }] };
  }
}
