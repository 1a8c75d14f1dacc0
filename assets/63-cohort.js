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

  // A figure is drawn some time after it has come, so the rings may have to wait for theirs.
  const RING_TRIES = 50;
  const AT_ONCE = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
  let ringTimer = 0;
  const moveRings = (rings, tries) => {
    window.clearTimeout(ringTimer);
    const plot = document.querySelector("#scatter .js-plotly-plot");
    if (plot?.layout?.meta?.share !== rings.share) {
      if (tries > 0) ringTimer = window.setTimeout(() => moveRings(rings, tries - 1), ZOOM_PAUSE_MS);
      return;
    }
    const traces = plot.data.flatMap(({ name }, place) => (name === "open case" ? [place] : []));
    const isDrawn = traces.every((trace, i) => ["x", "y"].every((side) => String(plot.data[trace][side]) === String(rings[side][i])));
    if (traces.length !== rings.x.length || isDrawn) return;
    // Not restyle, which draws every point of the cohort again. A ring that moves on before it is drawn is no fault.
    const data = traces.map((_, i) => ({ x: rings.x[i], y: rings.y[i] }));
    window.Plotly.animate(plot, { data, traces }, AT_ONCE).catch(() => {});
  };

  let zoomTimer = 0;
  const window4 = (moved) => {
    const ends = ["xaxis.range[0]", "xaxis.range[1]", "yaxis.range[0]", "yaxis.range[1]"].map((name) => moved[name]);
    return ends.every(Number.isFinite) ? ends.map(rounded).join(",") : null;
  };

  // The table: its filters, order and words are in the address, and the address is followed.
  const query = () => new URLSearchParams(window.location.search);
  const isPaged = () => document.querySelector(".card-patients")?.dataset.paged === "1";
  const watched = new WeakSet();
  let isFollowing = false;

  const order = (api) =>
    api
      .getColumnState()
      .filter(({ sort }) => sort)
      .sort((one, other) => one.sortIndex - other.sortIndex)
      .map(({ colId, sort }) => `${colId}:${sort}`)
      .join(",");

  const filters = (api) => {
    const model = JSON.stringify(api.getFilterModel() ?? {});
    return model === "{}" ? "" : model;
  };

  const read = (text) => {
    try {
      return JSON.parse(text || "{}");
    } catch {
      return {}; // the page says above that this part of the link means nothing
    }
  };

  const sortState = (text) =>
    text.split(",").filter(Boolean).map((part, sortIndex) => {
      const at = part.lastIndexOf(":");
      return { colId: part.slice(0, at), sort: part.slice(at + 1), sortIndex };
    });

  const follow = (api) => {
    const [filter, sort, find] = ["filter", "sort", "find"].map((name) => query().get(name) ?? "");
    isFollowing = true;
    if (filter !== filters(api)) api.setFilterModel(read(filter));
    if (sort !== order(api)) api.applyColumnState({ state: sortState(sort), defaultState: { sort: null } });
    if (!isPaged() && find !== (api.getGridOption("quickFilterText") ?? "")) api.setGridOption("quickFilterText", find);
    isFollowing = false;
    const field = document.getElementById("quick-filter");
    if (field && field !== document.activeElement && field.value !== find) {
      window.dash_clientside.set_props("quick-filter", { value: find });
    }
  };

  const keep = (api) => {
    if (!isFollowing) go({ filter: filters(api), sort: order(api) }, { quiet: true });
  };

  // Before the first page is here (and after the rows were asked for anew) nobody knows how many there are.
  const isCounted = (api) => !isPaged() || api.isLastRowIndexKnown();

  const count = (api) => {
    if (!isCounted(api)) return;
    const label = document.getElementById("row-count");
    const total = Number(label.dataset.total);
    const shown = api.getDisplayedRowCount();
    const noun = total === 1 ? "patient" : "patients";
    const text = shown === total ? `${total} ${noun}` : `${shown} of ${total} ${noun}`;
    window.dash_clientside.set_props("row-count", { children: text });
  };

  // In pages the row of the open case may not be here yet: the server says where it stands.
  const markOpen = async (api) => {
    const patient = document.querySelector("#stage")?.dataset.case || query().get("patient");
    if (!patient) return;
    const node = api.getRowNode(patient);
    if (node) node.setSelected(true, true);
    else api.deselectAll();
  };

  let toBeShown = null;
  const showWhenCounted = (api) => {
    if (toBeShown === null || !isCounted(api)) return; // a row that the grid does not know of can't be shown
    if (toBeShown < api.getDisplayedRowCount()) api.ensureIndexVisible(toBeShown, "middle");
    toBeShown = null;
  };

  const showOpen = async (api) => {
    const answer = await window.fetch(`/cohort/place.json${window.location.search}`);
    const { place } = answer.ok ? await answer.json() : { place: null };
    toBeShown = place;
    showWhenCounted(api);
    markOpen(api);
  };

  // The first page's mark may be told before there are rows, and is lost then: it is set once the row is there.
  const markFirst = (api) => {
    const patient = document.querySelector("#stage")?.dataset.case || query().get("patient");
    const node = patient ? api.getRowNode(patient) : null;
    if (!node || api.getSelectedNodes().length > 0) return;
    node.setSelected(true, true);
    api.ensureNodeVisible(node, "middle");
  };

  const watch = (api) => {
    if (watched.has(api)) return;
    watched.add(api);
    follow(api);
    count(api);
    api.addEventListener("filterChanged", () => keep(api));
    api.addEventListener("sortChanged", () => keep(api));
    api.addEventListener("newColumnsLoaded", () => follow(api));
    api.addEventListener("modelUpdated", () => {
      count(api);
      if (!isPaged()) return markFirst(api);
      showWhenCounted(api);
      markOpen(api);
    });
    window.addEventListener("popstate", () => follow(api));
  };

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("#csv") : null;
    if (link) link.href = `/cohort/patients.csv${window.location.search}`; // the rows as they are now
  });

  // Only the ids that fit what is written are offered: a page that lists a thousand of them opens later.
  let offered = 0;
  document.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.id !== "patient-search") return;
    const like = event.target.value.trim();
    window.clearTimeout(offered);
    offered = window.setTimeout(async () => {
      const answer = await window.fetch(`/cohort/ids.json?like=${encodeURIComponent(like)}`);
      if (!answer.ok) return;
      const options = (await answer.json()).map((value) => Object.assign(document.createElement("option"), { value }));
      document.getElementById("patient-ids").replaceChildren(...options);
    }, ZOOM_PAUSE_MS);
  });

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
      // Another case moves the rings; the figure itself stays, and comes anew only when it is another.
      ringOpen(rings, figure) {
        if (rings && rings.share === figure?.layout?.meta?.share) moveRings(rings, RING_TRIES);
        return window.dash_clientside.no_update;
      },
      // In the table of a large cohort the server says where the row stands: see showOpen.
      markCase(share) {
        const { no_update: asIs } = window.dash_clientside;
        if (isPaged()) return [asIs, asIs];
        const patient = new URLSearchParams(share).get("patient");
        return patient ? [{ ids: [patient] }, { rowId: patient, rowPosition: "middle" }] : [[], asIs];
      },
      openPiece(picked) {
        if (picked) go({ patient: picked.patient, component: picked.component, cursor: null });
        return window.dash_clientside.no_update;
      },
      keepPieces(pieces) {
        go({ pieces: pieces || null }, { quiet: true });
        return window.dash_clientside.no_update;
      },
      findRows(text) {
        go({ find: text || null }, { quiet: true });
        if (isPaged()) window.dash_ag_grid.getApi("table")?.purgeInfiniteCache();
        return window.dash_clientside.no_update;
      },
      // Its first call is also the first time that the table is surely there.
      async followTable() {
        const api = await window.dash_ag_grid.getApiAsync("table");
        const isKnown = watched.has(api);
        watch(api);
        if (isPaged()) {
          if (isKnown) api.purgeInfiniteCache();
          await showOpen(api);
        } else markFirst(api);
        return window.dash_clientside.no_update;
      },
    },
  });
})();
