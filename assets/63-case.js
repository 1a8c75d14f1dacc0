// The cards under the stage: which is shown, what is pressed, which components are listed, the rule's sliders.
// Everything is read from the address and written to it; see viewer/case_wiring.py.
(() => {
  "use strict";

  const { go, toggled, keys } = window.glioscope;
  const query = () => new URLSearchParams(window.location.search);
  const members = (name) => new Set((query().get(name) ?? "").split(",").filter(Boolean));

  // A button with data-reflect="name=value" is pressed when the address has that value, or has it in its list;
  // data-own marks the value that stands where the address says nothing, data-inverse turns the sense round.
  const reflect = () => {
    for (const control of document.querySelectorAll("[data-reflect]")) {
      const [name, value] = control.dataset.reflect.split("=");
      const isThere = members(name).has(value) || (control.dataset.own !== undefined && !query().has(name));
      control.setAttribute("aria-pressed", String(isThere !== (control.dataset.inverse !== undefined)));
    }
  };

  const showTab = () => {
    const tab = query().get("tab") ?? "scores";
    document.documentElement.dataset.tab = tab;
    for (const button of document.querySelectorAll("button[data-tab]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
    }
  };

  // Quick filters of the components: of one kind any may hold, of different kinds all must.
  const kinds = () => {
    const wanted = { method: [], label: [], outcome: [], voxels: [] };
    for (const name of members("ledger")) {
      const kind = document.querySelector(`[data-toggle="ledger=${CSS.escape(name)}"]`)?.closest("[data-kind]")?.dataset.kind;
      if (kind) wanted[kind].push(name);
    }
    return wanted;
  };
  let wanted = { method: [], label: [], outcome: [], voxels: [] };
  const passes = ({ id, label_name: label, outcome, voxel_count: voxels }) => {
    const holds = (names, value) => names.length === 0 || names.includes(value);
    const isLarge = wanted.voxels.length === 0 || wanted.voxels.some((least) => voxels >= parseInt(least, 10));
    return holds(wanted.method, id.split(":")[0]) && holds(wanted.label, label) && holds(wanted.outcome, outcome) && isLarge;
  };
  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    isLedgerFiltered: () => Object.values(wanted).some((names) => names.length > 0),
    passesLedger: ({ data }) => passes(data),
  });
  const grid = () => (document.getElementById("ledger") ? window.dash_ag_grid?.getApi("ledger") : null);
  const filterLedger = () => {
    const now = kinds();
    if (JSON.stringify(now) === JSON.stringify(wanted)) return;
    wanted = now;
    grid()?.onFilterChanged();
  };

  const say = (sentence) => {
    document.getElementById("case-says").textContent = sentence;
  };

  const turnVerdict = (id) => {
    const row = id && grid()?.getRowNode(id)?.data;
    if (!id) return say("Select a component first.");
    if (!row) return say("The components of this case are still on their way; try again.");
    if (!row.turn) return say(`No rule judges ${row.method_title}: select a component whose row has a verdict.`);
    say("");
    return go({ ...toggled(`flip=${id}`), component: id, cursor: null, ...(query().has("tab") ? {} : { tab: "what-if" }) }, { quiet: true });
  };
  window.glioscope.turnVerdict = turnVerdict;

  // While a story is told the key goes to another one, else it does what it did before.
  const storyOr = (id, otherwise) => () => {
    const step = document.getElementById(id);
    if (step) step.click();
    else otherwise();
  };
  Object.assign(keys, {
    x: () => go(toggled("isolated=1"), { quiet: true }),
    f: () => turnVerdict(query().get("component")),
    "[": storyOr("story-previous", keys["["]),
    "]": storyOr("story-next", keys["]"]),
    w: () => document.getElementById("costliest")?.click(),
  });

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#turn-verdict")) turnVerdict(query().get("component"));
  });

  const commandCohortTrial = async (command) => {
    const answer = await fetch(`/cohort-trial/${command}${window.location.search}`, { method: "POST" }).catch(() => null);
    if (!answer?.ok) say(answer ? (await answer.text()).trim() : "The server does not answer.");
    window.dash_clientside.set_props("cohort-changed", { data: Date.now() });
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-cohort-trial]");
    if (button) commandCohortTrial(button.dataset.cohortTrial);
  });

  // Sliders write the address a moment after they rest; what the address says moves a slider only when it
  // was not this slider that said it.
  const REST_MS = 80;
  const said = {};
  const placed = {};
  const timers = {};
  const words = {
    overlap: (voxels) => `${voxels} voxel${voxels === 1 ? "" : "s"}`,
    share: (share) => `${Math.round(share * 1000) / 10} %`,
    cap: (voxels) => (voxels === "inf" ? "no limit" : `${voxels} voxels`),
  };
  // Nobody else writes these words: React would leave out what it wrote last, whatever stands there by now.
  const write = (name, value) => {
    document.getElementById(`rule-${name}-text`).textContent = words[name](value);
  };
  const setter = (name) => (place, sliders) => {
    const { steps, own } = sliders[name];
    if (Number(place) === placed[name]) return window.dash_clientside.no_update;
    placed[name] = Number(place);
    said[name] = String(steps[place]);
    write(name, steps[place]);
    clearTimeout(timers[name]);
    timers[name] = setTimeout(() => {
      timers[name] = null;
      go({ [name]: said[name] === String(own) ? null : said[name] }, { quiet: true });
    }, REST_MS);
    return window.dash_clientside.no_update;
  };
  const follower = (name) => (_search, sliders, place) => {
    const { steps, own } = sliders[name];
    const text = query().get(name) ?? String(own);
    const { no_update: same } = window.dash_clientside;
    if (text === said[name] || timers[name]) return same; // the hand has moved on: the address will follow
    said[name] = text;
    const value = text === "inf" ? Infinity : Number(text);
    const distance = (step) => Math.abs((step === "inf" ? 1e12 : step) - Math.min(value, 1e12));
    placed[name] = steps.reduce((best, step, at) => (distance(step) < distance(steps[best]) ? at : best), 0);
    write(name, text === "inf" ? text : value);
    return Number(place) === placed[name] ? same : placed[name];
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    caseCards: {
      follow() {
        reflect();
        showTab();
        filterLedger();
        return query().get("isolated") === "1";
      },
      countShown(shown, all) {
        const [some, total] = [shown?.length ?? 0, all?.length ?? 0];
        return some === total ? "" : `${some} of ${total} shown`;
      },
      ...Object.fromEntries(["overlap", "share", "cap"].flatMap((name) => [[`set_${name}`, setter(name)], [`follow_${name}`, follower(name)]])),
    },
  });
})();
