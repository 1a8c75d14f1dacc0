// Filters, columns and selections of the table kept by name in this browser, each a part of the address.
(() => {
  "use strict";

  const KEPT = "glioscope.saved-filters";
  const PARTS = ["eps", "box", "lasso", "on", "pieces", "columns", "regions", "methods", "find", "filter", "sort"];
  const { go } = window.glioscope;

  const read = () => {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEPT) ?? "{}");
      return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    } catch {
      return {};
    }
  };
  const write = (kept) => window.localStorage.setItem(KEPT, JSON.stringify(kept));

  const now = () => {
    const query = new URLSearchParams(window.location.search);
    return Object.fromEntries(PARTS.map((name) => [name, query.get(name)]).filter(([, value]) => value));
  };

  const button = (text, name, action) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button button-small" });
    made.textContent = text;
    made.setAttribute("aria-label", name);
    made.addEventListener("click", action);
    return made;
  };

  const list = () => {
    const kept = read();
    const items = Object.keys(kept).sort().map((name) => {
      const item = document.createElement("li");
      item.append(
        button(name, `Use the filter ${name}`, () => {
          const asked = Object.fromEntries(PARTS.map((part) => [part, kept[name][part] ?? null]));
          go(asked, { quiet: true });
        }),
        button("×", `Delete the filter ${name}`, () => {
          const { [name]: _gone, ...rest } = read();
          write(rest);
          list();
        }),
      );
      return item;
    });
    if (items.length === 0) {
      const empty = document.createElement("li");
      empty.textContent = "Nothing is kept yet. A link keeps a filter, too: it is in the address.";
      items.push(empty);
    }
    document.getElementById("saved-filters").replaceChildren(...items);
  };

  const keepNow = () => {
    const field = document.getElementById("saved-name");
    const name = field.value.trim();
    if (!name) return field.focus();
    write({ ...read(), [name]: now() });
    list();
  };

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.id === "saved-keep") keepNow();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof Element && event.target.id === "saved-name") keepNow();
  });

  // A sheet is filled when it is opened, closes with Escape, and one is open at a time.
  document.addEventListener("toggle", (event) => {
    const sheet = event.target;
    if (!(sheet instanceof HTMLDetailsElement) || !sheet.classList.contains("opens") || !sheet.open) return;
    for (const other of document.querySelectorAll("details.opens[open]")) if (other !== sheet) other.open = false;
    if (sheet.querySelector("#saved-filters")) list();
  }, true);
  document.addEventListener("keydown", (event) => {
    const sheet = event.key === "Escape" && event.target instanceof Element ? event.target.closest("details.opens[open]") : null;
    if (!sheet) return;
    sheet.open = false;
    sheet.querySelector("summary").focus();
    event.stopPropagation();
  }, true);
  document.addEventListener("click", (event) => {
    for (const sheet of document.querySelectorAll("details.opens[open]")) {
      if (event.target instanceof Node && !sheet.contains(event.target)) sheet.open = false;
    }
  });
})();
