// What the browser itself does for the cohort's charts and table: menus, boxes, lassos, windows.
(() => {
  "use strict";

  const { go } = window.glioscope;
  const MOST_VERTICES = 48;
  const ZOOM_PAUSE_MS = 250;
  const rounded = (value) => Number(value.toPrecision(5));

  // A menu's options are whole values of its parameter (see viewer/chart_choices.py).
  document.addEventListener("change", (event) => {
    const menu = event.target instanceof HTMLSelectElement ? event.target.closest("[data-choose]") : null;
    if (menu) go({ [menu.dataset.choose]: menu.value }, { quiet: true });
  });

  // Leave out the vertex whose triangle with its neighbours is smallest until few enough are left (Visvalingam).
  const simplified = (vertices, most = MOST_VERTICES) => {
    const kept = [...vertices];
    const [width, height] = [0, 1].map((side) => {
      const all = vertices.map((vertex) => vertex[side]);
      return Math.max(...all) - Math.min(...all) || 1;
    });
    const area = (i) => {
      const [a, b, c] = [-1, 0, 1].map((step) => kept[(i + step + kept.length) % kept.length]);
      return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / (width * height);
    };
    while (kept.length > most) {
      let least = 0;
      for (let i = 1; i < kept.length; i++) if (area(i) < area(least)) least = i;
      kept.splice(least, 1);
    }
    return kept;
  };

  const box = (meta, range) => {
    const sides = [range.x, range.y].map((pair, axis) => {
      const within = meta.linear_within[axis];
      const value = (at) => (within ? Math.sign(at) * within * (10 ** Math.abs(at) - 1) : at);
      return pair.map((at) => Math.max(-10, Math.min(10, value(at)))).sort((a, b) => a - b);
    });
    return { box: sides.flat().map((side) => Number(side.toPrecision(6))).join(","), lasso: null, on: null };
  };

  const lasso = (meta, vertices) => ({
    lasso: [meta.scale, ...simplified(vertices).flat().map(rounded)].join(","),
    on: meta.plane || null,
    box: null,
  });

  const selection = (selected, meta) => {
    const { range, lassoPoints: drawn } = selected;
    if (range?.x && range?.y) {
      if (!meta.plane) return box(meta, range);
      const [[x0, x1], [y0, y1]] = [range.x, range.y];
      return lasso(meta, [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
    }
    if (drawn?.x?.length >= 3) return lasso(meta, drawn.x.map((x, i) => [x, drawn.y[i]]));
    return null;
  };

  let zoomTimer = 0;
  const window4 = (moved) => {
    const ends = ["xaxis.range[0]", "xaxis.range[1]", "yaxis.range[0]", "yaxis.range[1]"].map((name) => moved[name]);
    return ends.every(Number.isFinite) ? ends.map(rounded).join(",") : null;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    cohort: {
      keepSelection(selected, figure) {
        const meta = figure?.layout?.meta;
        if (!selected || typeof meta?.plane !== "string") return window.dash_clientside.no_update;
        const changes = selection(selected, meta);
        if (changes) go(changes, { quiet: true });
        return null;
      },
      // Only a chart of too many points asks the server for what a window holds.
      keepZoom(moved, figure) {
        const meta = figure?.layout?.meta;
        const hasZoom = new URLSearchParams(window.location.search).has("zoom");
        if (moved && (meta?.is_many || hasZoom)) {
          const zoom = window4(moved);
          const isReset = moved["xaxis.autorange"] || moved.autosize === false;
          window.clearTimeout(zoomTimer);
          if (zoom || isReset) zoomTimer = window.setTimeout(() => go({ zoom }, { quiet: true }), ZOOM_PAUSE_MS);
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
