import { ExecError } from '@slipway/exec';
import { ActionError } from '@slipway/runtime';
import { readHelmError } from '../tool/index.ts';

/** A failure of which a server or the network is to blame, and which may be gone a moment later. */
const passing = /(?:status code|status|:) (?:408|425|429|500|502|503|504)\b|no such host/i;

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /^repo \S+ not found/,
    'The checkout has no folder of that name (is actions/checkout an earlier step?), and no earlier step ' +
      'made a repository of that name known with helm repo add.',
  ],
  [
    /x509|certificate/i,
    'The server shows a certificate that is not trusted here: give the one of its authority in chart-ca.',
  ],
  [
    /\b401\b|\b403\b|unauthorized|forbidden|denied|basic credential not found/i,
    'It wants a login, or another one: repo-username and repo-password for a repository, ' +
      'registry-username and registry-password for oci://. Registries say so of what is not there, too.',
  ],
  [
    /could not locate a version|no chart version found|version .*not found|invalid version|improper constraint|: not found$/i,
    'There is no such version: look at the ones that are there (helm search repo --versions, or the ' +
      'tags in the registry; latest is no version). Prereleases count only where chart-version names ' +
      'one, such as >=1.0.0-0.',
  ],
  [
    /provenance|openpgp|signature|keyring|\.prov\b|sha256 sum does not match/i,
    'Only a chart that one of the keys in keyring has signed is deployed. Nothing was changed.',
  ],
];

/** Whether the same command may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ExecError)) return false;
  return readHelmError(error.stderr, error.message).transient || passing.test(error.stderr);
}

/** What it means that Helm could not fetch `what`, with what to do about it. */
export function fetchProblem(what: string, error: ExecError): ActionError {
  const { message, next } = readHelmError(error.stderr, error.message);
  const told = isPassing(error)
    ? 'The server did not answer as it should. Run it again; if it stays, look at the server.'
    : advice.find(([pattern]) => pattern.test(message))?.[1];
  return new ActionError(`The chart ${what} could not be fetched: ${message}`, {
    title: 'Chart not fetched',
    next: told ?? next ?? 'Look whether the address is right and whether this runner can reach it.',
  });
}
