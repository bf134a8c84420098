/** Types of the files of undici that bundled/undici.ts takes; undici types its whole only. */
declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici/index.js';
}
declare module 'undici/lib/dispatcher/dispatcher.js' {
  export { Dispatcher as default } from 'undici/index.js';
}
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici/index.js';
}
declare module 'undici/lib/dispatcher/proxy-agent.js' {
  export { ProxyAgent as default } from 'undici/index.js';
}
declare module 'undici/lib/web/fetch/index.js' {
  export { fetch } from 'undici/index.js';
}
declare module 'undici/lib/api/index.js' {
  const api: Readonly<Record<string, unknown>>;
  export = api;
}
