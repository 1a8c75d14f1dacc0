/** What the server said about a case, if that is the case on stage: what belongs to the one before is not shown with the next. */
export function ofCase<Told extends { readonly case: string | null }>(told: Told | null | undefined, caseKey: string | null): Told | null {
  return told && told.case === caseKey ? told : null;
}
