// Notes and flags: what is written in the composer is sent to viewer/notes_routes.py; the list comes back
// through a callback. A flag of a table's row is looked up here, so that a new note needs no new rows.
(() => {
  "use strict";

  const { go, keys } = window.glioscope;
  const query = () => new URLSearchParams(window.location.search);
  const part = (id) => document.getElementById(id);
  const field = (id) => {
    const found = part(id);
    return found?.matches("input, textarea") ? found : found?.querySelector("input, textarea");
  };
  const say = (sentence) => {
    part("note-says").textContent = sentence;
  };

  let flags = { patients: {}, components: {} };
  let editing = null; // { note, version } while an old note is rewritten

  const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));
  const flagButtons = () => [...document.querySelectorAll("[data-flag]")];
  const setFlag = (name) => flagButtons().forEach((button) => press(button, button.dataset.flag === name));
  const setText = (value) => window.dash_clientside.set_props("note-text", { value });

  const rest = () => {
    editing = null;
    setText("");
    setFlag("");
    part("note-save").textContent = "Save";
  };

  const send = async (action, form) => {
    const answer = await fetch(`/notes/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(form),
    }).catch(() => null);
    if (answer === null) return say("The server does not answer; nothing was written, and your words are still here.");
    window.dash_clientside.set_props("notes-changed", { data: Date.now() });
    if (!answer.ok) return say((await answer.text()).trim());
    say("");
    return answer.json();
  };

  const author = () => field("note-author").value.trim();
  const needAuthor = () => {
    if (author()) return true;
    say("Say who writes: the name field is empty.");
    field("note-author").focus();
    return false;
  };

  const save = async () => {
    if (!needAuthor()) return;
    const pressed = flagButtons().find(isPressed);
    const words = { text: field("note-text").value, author: author(), flag: pressed?.dataset.flag ?? "" };
    const about = {
      patient: part("stage").dataset.case,
      component: isPressed(part("note-about")) ? (query().get("component") ?? "") : "",
    };
    const kept = editing ? await send("edit", { ...editing, ...words }) : await send("add", { ...about, ...words });
    if (kept) rest();
  };

  const change = async (button) => {
    const { note, version } = button.dataset;
    const seen = { note, version: Number(version) };
    if (button.dataset.noteDo === "delete") {
      if (needAuthor()) await send("delete", { ...seen, author: author() });
      return;
    }
    const article = button.closest(".note");
    editing = seen;
    setText(article.dataset.text ?? "");
    setFlag(article.dataset.noteFlag ?? "");
    part("note-save").textContent = "Save the change";
    field("note-text").focus();
  };

  const open = () => {
    go({ tab: "notes" }, { quiet: true });
    press(part("note-about"), query().has("component"));
    (author() ? field("note-text") : field("note-author")).focus();
  };
  keys.g = open;

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (!target) return;
    if (target.dataset.flag !== undefined) setFlag(isPressed(target) ? "" : target.dataset.flag);
    else if (target.dataset.noteDo) change(target);
    else if (target.id === "note-about") press(target, !isPressed(target) && query().has("component"));
    else if (target.id === "note-save") save();
    else if (target.id === "note-open") open();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.target instanceof Element && event.target.closest(".composer")) save();
  });

  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    flagsOf: ({ data }) => (data.patient ? flags.patients[data.patient] : flags.components[data.id]) ?? "",
  });

  const bytesOf = (contents) => Uint8Array.from(atob(contents.split(",")[1] ?? ""), (letter) => letter.charCodeAt(0));

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    notes: {
      showFlags(given) {
        flags = given ?? flags;
        // Dash's upload field has no name of its own
        document.querySelector("#notes-file input")?.setAttribute("aria-label", "Bring in notes, a JSON or CSV file");
        for (const name of ["table", "ledger"]) {
          const grid = part(name) && window.dash_ag_grid?.getApi(name);
          grid?.refreshCells({ columns: ["flagged"], force: true });
          if (grid?.isAnyFilterPresent()) grid.onFilterChanged();
        }
        return window.dash_clientside.no_update;
      },
      async bringIn(contents, name) {
        if (!contents) return window.dash_clientside.no_update;
        const answer = await fetch("/notes/import", { method: "POST", body: bytesOf(contents) }).catch(() => null);
        if (!answer?.ok) say(answer ? `${name}: ${(await answer.text()).trim()}` : "The server does not answer.");
        else {
          const { new: count } = await answer.json();
          say(`${name}: ${count} new version${count === 1 ? "" : "s"}.`);
          window.dash_clientside.set_props("notes-changed", { data: Date.now() });
        }
        return null;
      },
    },
  });
})();
