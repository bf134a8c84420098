/** How a request proves who sends it. */
export type PrometheusAuth =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | { kind: 'basic'; username: string; password: string };

/** The header that proves it; none for `none`. */
export function authorization(auth: PrometheusAuth): Record<string, string> {
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  if (auth.kind === 'none') return {};
  const both = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${both}` };
}
