/** How the commit that is to be deployed stands to the one that is. */
export type Relation =
  /** `newer`: a descendant of what is deployed. `diverged`: neither comes from the other. */
  { kind: 'same' | 'newer' | 'older' | 'diverged' } | { kind: 'unknown'; why: string };

/** What happens to an older commit, or one that cannot be compared: refused, warned of, not looked at. */
export type SourcePolicy = 'enforce' | 'warn' | 'off';

/** What is done about a relation; `tell` is a line of the log. */
export type SourceDecision = 'go' | 'tell' | 'warn' | 'refuse';

/**
 * The rule that keeps an older commit from going over a newer one. What cannot be told is treated as
 * older. Diverged commits go on with a warning: a hotfix, a feature branch on staging and a branch
 * that was pushed by force are ordinary life. `allowOlder` asks for a rollback by name.
 */
export function decideSource(
  relation: Relation,
  { policy, allowOlder }: { policy: SourcePolicy; allowOlder: boolean },
): SourceDecision {
  if (policy === 'off') return 'go';
  switch (relation.kind) {
    case 'same':
    case 'newer':
      return 'go';
    case 'diverged':
      return 'warn';
    case 'older':
    case 'unknown':
      if (allowOlder) return 'tell';
      return policy === 'enforce' ? 'refuse' : 'warn';
  }
}
