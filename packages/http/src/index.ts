export { createHttpClient, type HttpClient, type TlsOptions } from './http.ts';
