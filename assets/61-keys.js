// Single-letter keys, the list that names them, and the switch that turns them off (WCAG 2.1.4).
(() => {
  "use strict";

  const SWITCH = "glioscope.single-letter-keys";
  const areOn = () => window.localStorage.getItem(SWITCH) !== "off";
  const query = () => new URLSearchParams(window.location.search);
  const { go } = window.glioscope;

  // Ids of a grid's rows in the order on screen.
  const shownRows = (grid) => {
    const ids = [];
    window.dash_ag_grid.getApi(grid)?.forEachNodeAfterFilterAndSort((node) => ids.push(node.id));
    return ids;
  };

  const neighbour = (ids, current, step) => {
    const at = ids.indexOf(current);
    if (at < 0) return ids[step > 0 ? 0 : ids.length - 1];
    return ids[Math.max(0, Math.min(ids.length - 1, at + step))];
  };

  const stepComponent = (step) => {
    const component = neighbour(shownRows("ledger"), query().get("component"), step);
    if (component) go({ component, cursor: null }, { quiet: true });
  };

  // The rows of a large cohort are on the server, and so is their order.
  const stepThroughPages = async (step) => {
    const asked = query();
    asked.set("patient", document.querySelector("#stage").dataset.case);
    asked.set("step", String(step));
    const answer = await window.fetch(`/cohort/place.json?${asked}`);
    const { patient } = answer.ok ? await answer.json() : {};
    if (patient) go({ patient, component: null, cursor: null });
  };

  const stepPatient = (step) => {
    if (document.querySelector(".card-patients").dataset.paged === "1") return stepThroughPages(step);
    const patient = neighbour(shownRows("table"), document.querySelector("#stage").dataset.case, step);
    if (patient) go({ patient, component: null, cursor: null });
  };

  // One of several values of a parameter after the other; the first is the default and is not written.
  const cycle = (name, values) => {
    const next = values[(values.indexOf(query().get(name) ?? values[0]) + 1) % values.length];
    go({ [name]: next === values[0] ? null : next }, { quiet: true });
  };
  const flip = (name) => go({ [name]: query().get(name) === "1" ? null : "1" }, { quiet: true });
  const stage = () => document.getElementById("stage").caseStage;

  const list = () => document.getElementById("keys");
  const showList = () => {
    document.getElementById("keys-switch").textContent = `Turn single-letter keys ${areOn() ? "off" : "on"}`;
    if (!list().open) list().showModal();
  };

  const ACTIONS = {
    j: () => stepComponent(1),
    k: () => stepComponent(-1),
    n: () => stepPatient(1),
    p: () => stepPatient(-1),
    v: () => cycle("mode", ["volume-true", "voxel", "paper"]),
    e: () => cycle("show", ["labels", "errors", "distance"]),
    c: () => cycle("plane", ["axial", "coronal", "sagittal"]),
    l: () => flip("unlinked"),
    u: () => flip("cut"),
    z: () => stage()?.fit(),
    m: () => stage()?.maximize(),
    r: () => stage()?.rule(),
    "[": () => stage()?.step(-1),
    "]": () => stage()?.step(1),
    "<": () => stage()?.shift(-1),
    ">": () => stage()?.shift(1),
    "/": () => document.getElementById("patient-search").focus(),
    "?": showList,
  };

  window.glioscope.keys = ACTIONS; // files that are loaded after this one add their own

  const isWriting = (target) =>
    target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (event.key === "Escape" && query().has("component")) go({ component: null }, { quiet: true });
    if (!areOn()) return;
    const pin = /^[1-6]$/.test(event.key) ? document.querySelectorAll(".pin")[Number(event.key) - 1] : null;
    const action = pin ? () => pin.click() : ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.addEventListener("click", (event) => {
    const id = event.target instanceof Element ? event.target.id : "";
    if (id === "keys-open") showList();
    if (id === "keys-close") list().close();
    if (id === "keys-switch") {
      window.localStorage.setItem(SWITCH, areOn() ? "off" : "on");
      showList();
    }
  });
})();
