// Links: camera, crosshair and selection are kept in the address, and taken from it when somebody opens a link or
// goes back. What the page has written itself it does not follow, or a late echo would pull back a moving hand.
(() => {
  "use strict";

  const unchanged = () => window.dash_clientside.no_update; // Dash brings it after this file
  const { go, note } = window.glioscope;
  const SAID_MS = 2500;
  const query = () => new URLSearchParams(window.location.search);
  const rounded = (values, places) => values.map((value) => Number(value.toFixed(places)));

  let [camera, preset, cursor] = [undefined, undefined, undefined]; // as last written or followed; camera: its two texts
  let selected = "null"; // as last written or followed, its text
  let turns = 0;
  // Back and Forward: what the address says holds, though a hand may have moved since it was written
  window.addEventListener("popstate", ({ isTrusted }) => { if (isTrusted) camera = undefined; }, { capture: true });

  const standOf = (values) => {
    const [azimuth, elevation, zoom, ...target] = values.map(Number);
    if (![azimuth, elevation, zoom, ...target].every(Number.isFinite) || !(zoom > 0)) return null;
    return target.length === 3 ? { azimuth, elevation, zoom, target } : { azimuth, elevation, zoom };
  };

  const valuesOf = ({ azimuth, elevation, zoom, target = [] }) => [
    ...rounded([azimuth, elevation], 2), Number(zoom.toPrecision(4)), ...rounded(target, 1),
  ];

  // The camera of the panel that was moved last, and of those that stand apart from it: name:azimuth:elevation:zoom…
  const standsOf = (text, apart) => {
    const stand = text === null ? null : standOf(text.split(","));
    const own = (apart ?? "").split(",").map((part) => part.split(":")).map(([key, ...values]) => [key, standOf(values)]);
    const known = own.filter(([, one]) => one !== null);
    return stand === null || known.length === 0 ? stand : { ...stand, own: Object.fromEntries(known) };
  };
  const apartText = (own = {}) => Object.entries(own).map(([key, stand]) => [key, ...valuesOf(stand)].join(":")).sort().join(",") || null;
  const asOne = (text, apart) => `${text} ${apart}`;

  const pointOf = (text) => {
    const point = (text ?? "").split(",").map(Number);
    return point.length === 3 && point.every(Number.isFinite) ? point : null;
  };
  const componentOf = (selection) => (selection ? `${selection.panel}:${selection.label}:${selection.component}` : null);
  const textOf = (selection) => JSON.stringify(selection ?? null);
  const nameOf = (selection) => (selection ? `${selection.case} ${componentOf(selection)}` : null);

  window.dash_clientside.links = {
    followCamera() {
      const [text, apart, side] = [query().get("camera"), query().get("cameras"), query().get("preset") ?? "oblique"];
      if (asOne(text, apart) === camera && side === preset) return [unchanged(), unchanged()];
      const isFirst = preset === undefined;
      [camera, preset] = [asOne(text, apart), side];
      const stand = standsOf(text, apart);
      const view = { preset: side, nonce: (turns += 1) };
      return stand === null ? [view, unchanged()] : [isFirst ? view : unchanged(), stand];
    },
    keepCamera(stand) {
      if (!stand) return unchanged();
      const [text, apart] = [valuesOf(stand).join(","), apartText(stand.own)];
      if (asOne(text, apart) !== camera) note({ camera: text, cameras: apart });
      camera = asOne(text, apart);
      return unchanged();
    },
    followCursor() {
      const text = query().get("cursor");
      if (text === (cursor ?? null)) return unchanged();
      cursor = text;
      if (text === null) return query().has("component") ? unchanged() : null; // a component brings its own
      return pointOf(text) ?? unchanged();
    },
    keepCursor(point) {
      const text = point ? rounded(point, 1).join(",") : null;
      if (text !== (cursor ?? null)) note({ cursor: (cursor = text) });
      return unchanged();
    },
    // What the server found for the component of the address. By the time it is here a hand may have picked another,
    // or the address may ask for another: it is not the answer any more, and whatever came since brings its own.
    followSelection(found, shown) {
      const isUnwanted = !found || found.component !== query().get("component") || textOf(shown) !== selected;
      if (isUnwanted || nameOf(found.selection) === nameOf(shown)) return [unchanged(), unchanged()];
      selected = textOf(found.selection);
      const { selection } = found;
      return [selection, selection === null ? unchanged() : pointOf(query().get("cursor")) ?? selection.mm]; // a link may point elsewhere
    },
    keepSelection(selection) {
      selected = textOf(selection);
      go({ component: componentOf(selection) }, { quiet: true });
      return unchanged();
    },
  };

  // The first case stands in no address until it is named: a link names it.
  const linkHere = () => {
    const patient = document.querySelector("#stage")?.dataset.case;
    if (patient && !query().has("patient")) note({ patient });
    return window.location.href;
  };

  // Where a page is not served securely, browsers keep the clipboard to themselves but for this old way.
  const copyByHand = (text) => {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  };

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  };

  const copyLink = async () => {
    const button = document.getElementById("copy-link");
    const words = (await copied(linkHere())) ? "Copied" : "Not copied: take it from the address bar";
    button.textContent = words;
    document.getElementById("copy-said").textContent = `Link: ${words.toLowerCase()}`;
    button.focus();
    window.setTimeout(() => {
      button.textContent = "Copy link";
      document.getElementById("copy-said").textContent = "";
    }, SAID_MS);
  };

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#copy-link")) void copyLink();
  });
  window.glioscope.linkHere = linkHere;
  window.glioscope.copyLink = copyLink; // for the keys and the dialog of 64-export.js
})();
