/** What a file says about how true its surfaces are to the voxels. */
export interface Badge {
  readonly text: string;
  /** Whole sentences: the recipe, then one a surface. */
  readonly says: readonly string[];
  readonly isWarning: boolean;
}

/** Read the badge in a scene's extras; null where there is none. */
export function badgeIn(extras: unknown): Badge | null {
  const said = (extras as { badge?: { text?: unknown; says?: unknown; warning?: unknown } } | null)?.badge;
  if (typeof said?.text !== "string" || !Array.isArray(said.says)) return null;
  return { text: said.text, says: said.says.map(String), isWarning: said.warning === true };
}
