/**
 * Variables of the step alone: the inputs (a password, a kubeconfig) and the state of the action, and the
 * token that opens GitHub's cache and artifacts. Programs have no use for them, and what they start inherits them.
 */
const ofTheStep = /^(?:INPUT_.*|STATE_.*|ACTIONS_RUNTIME_TOKEN)$/is;

/**
 * What lets a process ask GitHub for a token that says which job it is. Credential plugins log in at clouds
 * with it; nothing else needs it.
 */
const ofTheIdentity = /^ACTIONS_ID_TOKEN_REQUEST_TOKEN$/i;

/**
 * The environment of a child: `base` without what is the step's alone, and then `added`, as it is. The
 * variable of the job's identity is handed on only to a child that logs in somewhere. All else stays, since
 * credential helpers, cloud CLIs and proxies find what they need in variables of any name.
 */
export function childEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string | undefined>>,
  { logsIn }: { logsIn: boolean },
): Record<string, string> {
  const inherited = Object.entries(base).filter(
    ([name]) => !ofTheStep.test(name) && (logsIn || !ofTheIdentity.test(name)),
  );
  return Object.fromEntries(
    [...new Map([...inherited, ...Object.entries(added)])].filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
