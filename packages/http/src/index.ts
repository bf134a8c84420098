export { authorizedFetch } from './authorized-fetch.ts';
export { ChecksumError, download, type Downloaded, type DownloadOptions } from './download.ts';
export { createHttpClient, type HttpClient, type TlsOptions } from './http.ts';
export { HttpError, shownUrl } from './http-error.ts';
export { isLoopback } from './loopback.ts';
export { errorCodes, isPassingStatus, isTimeout, isTransient } from './network-error.ts';
export { proxySettings, type ProxySettings } from './proxy-settings.ts';
export { retryAfterMs, retryingFetch, type RetryingFetchOptions } from './retrying-fetch.ts';
export { timeLimitedFetch } from './time-limited-fetch.ts';
