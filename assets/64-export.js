// The export dialog (viewer/export_dialog.py): says what can be taken away of what is shown now, fetches it or
// has the stage draw it, and says what became of it.
(() => {
  "use strict";

  const part = (id) => document.getElementById(id);
  const query = () => new URLSearchParams(window.location.search);
  const stage = () => part("stage");
  const facts = () => part("export").dataset;
  const COMPONENT = ":component";
  const MOST_TRIES = 5;

  const say = (words) => {
    part("export-said").textContent = words;
  };

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

  const keep = (blob, name) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved ${name}, ${size(blob.size)}.`);
  };

  // A busy server says when to come again.
  const patiently = async (url) => {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(url);
      if (answer.status !== 503 || tries === MOST_TRIES) return answer;
      const seconds = Number(answer.headers.get("Retry-After")) || 2;
      await new Promise((done) => window.setTimeout(done, 1000 * seconds));
    }
  };

  const save = async (url, doing) => {
    say(`${doing} …`);
    const answer = await patiently(url);
    if (!answer.ok) return say(`Not saved: ${(await answer.text()).trim() || answer.statusText}`);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "glioscope";
    keep(await answer.blob(), name);
  };

  // One thing at a time; what goes wrong is said, not thrown away.
  const busily = async (button, work) => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await work();
    } catch (fault) {
      say(`Not saved: ${fault instanceof Error ? fault.message : fault}`);
    }
    button.removeAttribute("aria-disabled");
  };

  const mode = () => query().get("mode") ?? facts().mode;
  const inPath = (...steps) => steps.map(encodeURIComponent).join("/");

  const surfacesUrl = () => {
    const [patient, what, form] = [stage().dataset.case, part("export-what").value, part("export-form").value];
    const asked = `?mode=${encodeURIComponent(mode())}`;
    if (what === "") return `/export/${inPath(patient)}/side-by-side/surfaces.${form}${asked}`;
    const steps = what === COMPONENT ? query().get("component").split(":") : [what];
    return `/export/${inPath(patient, ...steps)}.${form}${asked}`;
  };

  const snapshotUrl = () => `/snapshot/${inPath(stage().dataset.case)}.html${window.location.search}`;

  const pictureSize = () => {
    const chosen = part("picture-size").value;
    return (chosen === "own" ? [part("picture-width").value, part("picture-height").value] : chosen.split("x")).map(Number);
  };

  // Two frames from now what was said can be read; the drawing itself lets nothing else happen.
  const seen = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  const makePicture = async () => {
    const [patient, what, [width, height]] = [stage().dataset.case, part("picture-what").value, pictureSize()];
    const { study, synthetic, notice, software } = facts();
    const notices = [notice, ...(synthetic === "true" ? ["Synthetic data: made by a program, not acquired."] : [])];
    const link = window.glioscope.linkHere();
    say("Drawing …");
    await seen();
    const blob = await stage().caseStage.picture({
      width, height, panels: what ? [what] : [], line: `${patient}, ${study}, ${mode()} surfaces`, notices,
      texts: { Title: `${patient}, ${study}`, Source: link, Software: software, Disclaimer: notices.join(" ") },
    });
    keep(blob, `${patient}_${what || "panels"}_${width}x${height}.png`);
  };

  const refresh = () => {
    const selected = query().get("component");
    const option = part("export-what").querySelector(`[value="${COMPONENT}"]`);
    option.disabled = selected === null;
    const [source, label, number] = (selected ?? "").split(":");
    option.textContent = selected === null ? "The selected component (none is selected)" : `The selected component: ${label} ${number} of ${source}`;
    if (selected === null && part("export-what").value === COMPONENT) part("export-what").value = "";
    part("export-case").textContent = `${stage().dataset.case}, as shown now`;
    part("export-surfaces-note").textContent = `All labels, as ${mode()} surfaces: what the page's “Surface” switch shows.`;
    part("picture-own").hidden = part("picture-size").value !== "own";
  };

  const open = () => {
    if (!stage()?.dataset.case) return;
    for (const chooser of part("export").querySelectorAll("[data-chosen]:not([data-chosen=''])")) {
      chooser.value = chooser.dataset.chosen;
      chooser.dataset.chosen = "";
    }
    say("");
    refresh();
    if (!part("export").open) part("export").showModal();
  };

  const ACTIONS = {
    "export-open": open,
    "export-close": () => part("export").close(),
    "export-surfaces": (button) => void busily(button, () => save(surfacesUrl(), "Making the surfaces")),
    "export-snapshot": (button) => void busily(button, () => save(snapshotUrl(), "Packing the case")),
    "picture-make": (button) => void busily(button, makePicture),
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) ACTIONS[button.id]?.(button);
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.closest("#export")) refresh();
  });
  Object.assign(window.glioscope.keys, { s: open, y: () => void window.glioscope.copyLink() });
})();
