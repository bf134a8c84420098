export { errorMessage, errorReport } from './error-text.ts';
export { ActionError, CancelledError, InputError } from './errors.ts';
