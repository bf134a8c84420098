export { withoutQuotedValues } from './quoted-values.ts';
