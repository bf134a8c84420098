/** One request of our own, sent to new pods again and again. Always a GET. */
export interface TrafficRequest {
  /** With its query; begins with a slash. */
  path: string;
  headers: readonly (readonly [name: string, value: string])[];
  /** Which statuses are as they should be. */
  expected: StatusRule;
}

/** Ranges of statuses, both ends included. */
export type StatusRule = readonly (readonly [from: number, to: number])[];

/** 200 to 399. */
export const usualStatuses: StatusRule = [[200, 399]];

/** Whether a status is one of them. */
export function isExpected(status: number, rule: StatusRule): boolean {
  return rule.some(([from, to]) => status >= from && status <= to);
}

function parseStatuses(text: string): StatusRule {
  return text.split(',').map((part): readonly [number, number] => {
    const match = /^\s*([1-5])(\d\d|xx)\s*$/i.exec(part);
    if (match === null)
      throw new Error(
        `${JSON.stringify(part.trim())} is no status; write for example 200, 2xx or 200,404`,
      );
    const [, first = '', rest = ''] = match;
    const hundred = Number(first) * 100;
    return rest.toLowerCase() === 'xx'
      ? [hundred, hundred + 99]
      : [hundred + Number(rest), hundred + Number(rest)];
  });
}

function parseHeader(text: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+):\s*([\t\x20-\x7e]*)$/.exec(text);
  // The value may be a secret, so it is not quoted.
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Error('after " | " comes a header, written as Name: value, in plain characters');
  return [match[1], match[2].trim()];
}

/**
 * Reads `/orders?limit=1 => 200,404 | Accept: application/json`: a path, the statuses that are as they
 * should be (200 to 399 when none are named), headers. Throws with the form that is expected; never quotes a header's value.
 */
export function parseTraffic(line: string): TrafficRequest {
  const [request = '', ...headers] = line.split(/\s+\|\s+/);
  const [path = '', statuses, ...more] = request.split(/\s+=>\s+/);
  const bare = path.replace(/^GET\s+/, '').trim();
  if (!/^\/[^\s#]*$/.test(bare) || /(^|\/)\.\.(\/|$)/.test(bare) || more.length > 0)
    throw new Error(
      `${JSON.stringify(bare.slice(0, 80))} is no path; write for example /orders => 200 | Accept: text/plain`,
    );
  return {
    path: bare,
    headers: headers.map(parseHeader),
    expected: statuses === undefined ? usualStatuses : parseStatuses(statuses),
  };
}
