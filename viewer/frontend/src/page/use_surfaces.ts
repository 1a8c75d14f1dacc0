import * as React from "react";
import type { CaseStageProps, Comparison, Panel } from "../props";
import type { Staged } from "./use_stage";

/**
 * Let the engine follow the properties: which surfaces stand in which panel and how they look.
 *
 * `layout` is any text that changes when the panels' places do. Returns whether the engine has been told all of it.
 */
export function useSurfaces(props: CaseStageProps, panels: readonly Panel[], comparison: Comparison | null, { root, stage }: Staged, layout: string): boolean {
  const { labels = [], layers = {}, caseKey = null, brainUrl = null, theme = "dark", opacity = {} } = props;
  const shownCase = React.useRef<string | null>(null);
  const opened = React.useRef("");
  const panelsText = JSON.stringify(panels);
  const comparisonText = JSON.stringify(comparison);
  const isAwaited = Boolean(props.comparison) && comparison === null;
  const wanted = `${caseKey} ${brainUrl} ${panelsText} ${comparisonText}`;
  React.useEffect(() => {
    const urls = Object.fromEntries(panels.map(({ key, meshUrl }) => [key, meshUrl]));
    stage.current?.open(urls, brainUrl, labels, caseKey !== shownCase.current);
    shownCase.current = caseKey;
  }, [panelsText, caseKey, brainUrl, JSON.stringify(labels)]);
  React.useEffect(() => {
    stage.current?.compare(comparison);
    opened.current = wanted;
  }, [wanted]);
  React.useEffect(() => {
    for (const view of root.current!.querySelectorAll<HTMLElement>("[data-view]")) stage.current?.attach(view.dataset["view"]!, view);
  }, [panelsText, layout]);
  React.useEffect(() => stage.current?.showLayers(layers), [JSON.stringify(layers)]);
  React.useEffect(() => stage.current?.setOpacity(opacity), [JSON.stringify(opacity)]);
  React.useEffect(() => stage.current?.setTheme(theme), [theme]);
  React.useEffect(() => stage.current?.select(props.selection ?? null), [JSON.stringify(props.selection)]);
  React.useEffect(() => stage.current?.isolate(props.isolated === true), [props.isolated]);
  return opened.current === wanted && !isAwaited;
}
