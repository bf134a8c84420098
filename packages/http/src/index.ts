export { authorizedFetch } from './authorized-fetch.ts';
export { ChecksumError, download, type DownloadOptions } from './download.ts';
export { createHttpClient, type HttpClient, type TlsOptions } from './http.ts';
export { HttpError, shownUrl } from './http-error.ts';
export { proxySettings, type ProxySettings } from './proxy-settings.ts';
export { isPassing, retryAfterMs, retryingFetch, type RetryOptions } from './retry.ts';
export { timeLimitedFetch } from './time-limit.ts';
