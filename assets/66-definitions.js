// A term with a definition (viewer/markup.py) is a button: a pointer that rests on it and a screen reader get its
// title, and pressing it shows the same words, for fingers and keyboards. Escape or a press elsewhere closes them.
(() => {
  "use strict";

  const GAP_PX = 6;
  const sheet = Object.assign(document.createElement("div"), { id: "definition", className: "definition" });
  sheet.setAttribute("popover", "auto");
  sheet.setAttribute("aria-hidden", "true"); // it repeats the button's description

  const show = (term) => {
    if (!sheet.isConnected) document.body.append(sheet);
    sheet.replaceChildren(Object.assign(document.createElement("strong"), { textContent: term.textContent }), ` ${term.title}`);
    sheet.showPopover();
    const [box, { offsetWidth: width, offsetHeight: height }] = [term.getBoundingClientRect(), sheet];
    const [left, below] = [Math.min(box.left, window.innerWidth - width - GAP_PX), box.bottom + GAP_PX];
    const top = below + height < window.innerHeight ? below : box.top - height - GAP_PX;
    Object.assign(sheet.style, { left: `${Math.max(GAP_PX, left)}px`, top: `${Math.max(GAP_PX, top)}px` });
  };

  let shown = null; // a press on the open term closes it: the sheet is gone before the click comes
  document.addEventListener("pointerdown", (event) => {
    const term = event.target instanceof Element ? event.target.closest(".define") : null;
    shown = term !== null && sheet.isConnected && sheet.matches(":popover-open") ? sheet.dataset.of : null;
  }, { capture: true });
  document.addEventListener("click", (event) => {
    const term = event.target instanceof Element ? event.target.closest(".define") : null;
    if (term === null) return;
    const of = term.textContent;
    if (shown === of) return void (shown = null);
    sheet.dataset.of = of;
    show(term);
  });
  window.addEventListener("scroll", () => sheet.isConnected && sheet.hidePopover(), { passive: true, capture: true });
})();
