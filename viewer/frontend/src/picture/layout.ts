export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture is divided; whole pixels. */
export interface Layout {
  /** One a panel, in their order; a head above each, in which its name stands. */
  readonly panels: readonly Rectangle[];
  readonly head: number;
  readonly footer: Rectangle;
  /** Size of the writing. */
  readonly text: number;
}

/** Divide a picture among so many panels, with a line for their names and a footer. */
export function layoutOf(count: number, width: number, height: number): Layout {
  const text = Math.max(10, Math.round(Math.min(width, height * 1.6) / 90));
  const [head, foot] = [Math.round(text * 2.4), Math.round(text * 4.4)];
  const columns = bestColumns(count, width, height - foot);
  const rows = Math.ceil(count / columns);
  const across = (i: number) => Math.round((width * i) / columns);
  const down = (i: number) => Math.round(((height - foot) * i) / rows);
  const panels = Array.from({ length: count }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return { x: across(column), y: down(row) + head, width: across(column + 1) - across(column), height: down(row + 1) - down(row) - head };
  });
  return { panels, head, footer: { x: 0, y: height - foot, width, height: foot }, text };
}

/** As many columns as make the panels' shorter side longest, with rows about equally full. */
function bestColumns(count: number, width: number, height: number): number {
  const choices = Array.from({ length: count }, (_, i) => Math.ceil(count / (i + 1)));
  const side = (columns: number) => Math.min(width / columns, height / Math.ceil(count / columns));
  return choices.reduce((best, columns) => (side(columns) > side(best) * 1.0001 ? columns : best));
}
