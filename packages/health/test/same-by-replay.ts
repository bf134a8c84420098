import { replay, statementText, type HealthStatement, type VerifyResult } from '../src/index.ts';

/** What a later job reads from the file of a certificate. */
export function readBack(certificate: HealthStatement): HealthStatement {
  return JSON.parse(statementText(certificate)) as HealthStatement;
}

/** A result, once the replay of its certificate has said the same. Throws when it says another thing. */
export function sameByReplay(result: VerifyResult): VerifyResult {
  const replayed = replay(readBack(result.certificate).predicate);
  if (replayed.kind !== 'same' || replayed.verdict !== result.verdict)
    throw new Error(
      `The certificate says ${result.verdict} (${result.cause}), its replay ${JSON.stringify(replayed)}`,
    );
  return result;
}
