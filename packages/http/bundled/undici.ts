import api from 'undici/lib/api/index.js';
import AgentPart from 'undici/lib/dispatcher/agent.js';
import DispatcherPart from 'undici/lib/dispatcher/dispatcher.js';
import PoolPart from 'undici/lib/dispatcher/pool.js';
import ProxyAgentPart from 'undici/lib/dispatcher/proxy-agent.js';

/**
 * What a bundle has for `undici` (`paths` in tsconfig.json, which ncc follows; Node and jest do not): the
 * parts that are used, in place of all that its index loads, mocks, caches and web sockets among it. It
 * goes for @actions/http-client too, which @actions/core brings along and which uses ProxyAgent alone. A
 * bundle that asks nothing of the network has none of it.
 */

/**
 * What undici's index gives every dispatcher besides its own: `connect`, by which a proxy opens its
 * tunnels. Called where a part is used and not once for all, so that unused parts stay out of a bundle.
 */
function complete<Part>(part: Part): Part {
  Object.assign(DispatcherPart.prototype, api);
  return part;
}

/** Connections straight to servers. */
export const Agent = /* @__PURE__ */ complete(AgentPart);
export type Agent = AgentPart;
/** Connections to one origin. */
export const Pool = /* @__PURE__ */ complete(PoolPart);
export type Pool = PoolPart;
/** Connections through a proxy. */
export const ProxyAgent = /* @__PURE__ */ complete(ProxyAgentPart);
export type ProxyAgent = ProxyAgentPart;
export { fetch } from 'undici/lib/web/fetch/index.js';
export type { Dispatcher } from 'undici/index.js';
