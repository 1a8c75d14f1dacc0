// The one writer of the page's address. Everything on the page follows the address (see viewer/wiring.py);
// everything that changes what is shown calls `go`.
//
// An element with data-go="patient=X&plane=axial" merges these parameters when it is clicked; an empty value
// removes one. data-toggle="off=NCR" adds or removes one name of a comma list. data-quiet replaces the
// current history entry instead of adding one: only a change of case is worth a step back.
(() => {
  "use strict";

  // A chart's window means nothing on other axes.
  const AXES = ["chart", "x", "y", "metric", "area", "pair", "scale"];

  const merged = (search, asked) => {
    const query = new URLSearchParams(search);
    const changes = AXES.some((name) => name in asked) ? { zoom: null, ...asked } : asked;
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    return text ? `?${text}` : "";
  };

  // What belongs to one case does not follow to another.
  const OF_ONE_CASE = { component: null, cursor: null, flip: null, story: null };
  const isOtherCase = ({ patient }) =>
    patient && patient !== (new URLSearchParams(window.location.search).get("patient") ?? shownCase());
  const shownCase = () => document.getElementById("stage")?.dataset.case;

  // Another case is looked at from the same side, in its own middle; a preset takes the place of where a hand
  // has turned the camera, and linked cameras do not stand apart.
  const withCamera = (changes) => {
    if ("camera" in changes) return changes;
    const query = new URLSearchParams(window.location.search);
    const turn = query.get("camera")?.split(",").slice(0, 3).join(",");
    const turns = query.get("cameras")?.split(",").map((one) => one.split(":").slice(0, 4).join(":")).join(",");
    if (isOtherCase(changes)) return { ...changes, camera: turn ?? null, cameras: turns ?? null };
    if ("preset" in changes) return { ...changes, camera: null, cameras: null };
    return "unlinked" in changes && !changes.unlinked ? { ...changes, cameras: null } : changes;
  };

  const go = (changes, { quiet = false } = {}) => {
    const all = withCamera(isOtherCase(changes) ? { ...OF_ONE_CASE, ...changes } : changes);
    const search = merged(window.location.search, all);
    if (search === window.location.search) return;
    const address = `${window.location.pathname}${search}`;
    if (quiet) window.history.replaceState({}, "", address);
    else window.history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate")); // everything that follows the address hears it
  };

  // Write down what the page already shows: nobody has to follow.
  const note = (changes) => {
    const search = merged(window.location.search, changes);
    window.history.replaceState(window.history.state, "", `${window.location.pathname}${search}`);
  };

  const toggled = (fragment) => {
    const [name, member] = fragment.split("=");
    const now = new URLSearchParams(window.location.search).get(name) || "";
    const members = new Set(now.split(",").filter(Boolean));
    if (!members.delete(member)) members.add(member);
    return { [name]: [...members].sort().join(",") };
  };

  document.addEventListener("click", (event) => {
    const control = event.target instanceof Element && event.target.closest("[data-go], [data-toggle]");
    if (!control || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const { go: fragment, toggle, quiet } = control.dataset;
    const changes = toggle ? toggled(toggle) : Object.fromEntries(new URLSearchParams(fragment));
    go(changes, { quiet: quiet !== undefined });
  });

  let thresholdWritten = null; // by the slider or by followThreshold, whichever was last
  let followedStep = null; // where followThreshold has just put the slider

  // A case opened by the plot, the table or the search: its component and crosshair belong to the old one.
  const openCase = (patient) => go({ patient, component: null, cursor: null });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    navigation: {
      openPoint(click) {
        const patient = click?.points?.[0]?.customdata;
        if (patient) openCase(patient);
        return null; // forget the click, so that the same point can be clicked again
      },
      openRow(click) {
        if (click?.rowId) openCase(click.rowId);
        return null;
      },
      openComponent(click) {
        if (click?.rowId && click.colId === "turn") window.glioscope.turnVerdict(click.rowId);
        else if (click?.rowId) go({ component: click.rowId, cursor: null }, { quiet: true });
        return null;
      },
      keepChanges(changes) {
        if (changes) go(changes.values, { quiet: true });
        return window.dash_clientside.no_update;
      },
      openSearched(_submits, value) {
        if (value?.trim()) openCase(value.trim());
        return "";
      },
      setThreshold(step, steps) {
        const eps = steps[Number(step)];
        const isOwn = String(step) === String(followedStep);
        followedStep = null;
        if (isOwn) return window.dash_clientside.no_update; // a linked threshold between two steps stays as it is
        if (eps !== undefined) go({ eps: (thresholdWritten = eps) || null }, { quiet: true });
        return window.dash_clientside.no_update;
      },
      followThreshold(_search, steps, step) {
        const eps = Number(new URLSearchParams(window.location.search).get("eps")) || 0;
        if (eps === thresholdWritten) return window.dash_clientside.no_update; // the slider may have moved on
        thresholdWritten = eps;
        const distances = steps.map((value) => Math.abs(value - eps));
        const nearest = distances.indexOf(Math.min(...distances));
        if (String(nearest) === String(step)) return window.dash_clientside.no_update;
        return (followedStep = nearest);
      },
    },
  });

  window.glioscope = { go, note, toggled }; // for the files that are loaded after this one

  const showTheme = () => {
    const theme = new URLSearchParams(window.location.search).get("theme") === "light" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.agThemeMode = theme;
  };
  window.addEventListener("popstate", showTheme);
  showTheme();
})();
