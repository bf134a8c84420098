/** The fetch of the platform, or one that knows proxies and certificates (`@slipway/http`). */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
