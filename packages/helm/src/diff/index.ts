export { broughtBy } from './brought-by.ts';
export { diffText } from './diff-text.ts';
export { type FieldChange } from './field-changes.ts';
export { irreversibleChanges } from './irreversible.ts';
export { type LiveChange, objectDiffs, type ObjectDiff } from './object-diff.ts';
export { secretHash, type SecretHash } from './secret-hash.ts';
