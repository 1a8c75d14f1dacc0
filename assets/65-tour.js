// The tour of viewer/tour.py. It begins by itself on a first visit, once a case is drawn, and is remembered in
// localStorage under `glioscope.tour`. The address may say otherwise: ?tour=on begins it, ?tour=off does not. A
// browser that a program drives (navigator.webdriver) sees it only on request, so tests need not shut it out.
(() => {
  "use strict";

  const SEEN = "glioscope.tour";
  const part = (id) => document.getElementById(id);
  const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
  let at = 0;
  let before = null; // what had the focus

  // What is yet to come is told of all the same; what a study of tables alone will never have is left out.
  const isTablesOnly = () => document.querySelector(".case-tables-only") !== null;
  const steps = () => [...part("tour").querySelectorAll(".tour-step")].filter((step) => targetOf(step) !== null || !isTablesOnly());
  const targetOf = (step) => {
    const target = document.querySelector(step.dataset.target);
    return target !== null && target.getClientRects().length > 0 ? target : null;
  };

  // Beside the part that is pointed at: below it, else above it, else over its lower end.
  const place = () => {
    const [dialog, light] = [part("tour"), part("tour-light")];
    if (!dialog?.open) return;
    const page = { left: 0, top: 0, width: window.innerWidth, height: window.innerHeight, bottom: window.innerHeight };
    const box = targetOf(steps()[at])?.getBoundingClientRect() ?? page;
    Object.assign(light.style, { left: `${box.left - 6}px`, top: `${box.top - 6}px`, width: `${box.width + 12}px`, height: `${box.height + 12}px` });
    const { offsetWidth: width, offsetHeight: height } = dialog;
    const [right, bottom, gap] = [window.innerWidth - width - 12, window.innerHeight - height - 12, 16];
    const below = box.bottom + gap;
    const top = below <= bottom ? below : box.top - gap - height >= 12 ? box.top - gap - height : bottom;
    const left = box.left + box.width / 2 - width / 2;
    Object.assign(dialog.style, { left: `${Math.max(12, Math.min(right, left))}px`, top: `${Math.max(12, Math.min(bottom, top))}px` });
  };

  const show = (number) => {
    const all = steps();
    at = Math.max(0, Math.min(all.length - 1, number));
    for (const step of part("tour").querySelectorAll(".tour-step")) step.hidden = step !== all[at];
    const [title, text] = all[at].children;
    part("tour").setAttribute("aria-labelledby", title.id);
    part("tour").setAttribute("aria-describedby", text.id);
    part("tour-count").textContent = `${at + 1} of ${all.length}`;
    part("tour-back").hidden = at === 0;
    part("tour-skip").hidden = at === all.length - 1;
    part("tour-next").textContent = at === all.length - 1 ? "Done" : "Next";
    targetOf(all[at])?.scrollIntoView({ block: "center", behavior: stillness.matches ? "auto" : "smooth" });
    place();
    part("tour-next").focus();
  };

  const begin = () => {
    if (part("tour").open || steps().length === 0) return;
    before = document.activeElement;
    part("tour-light").hidden = false;
    part("tour").showModal();
    show(0);
  };

  const end = () => part("tour").close();
  const ended = () => {
    part("tour-light").hidden = true;
    window.localStorage.setItem(SEEN, "seen");
    window.scrollTo({ top: 0, behavior: stillness.matches ? "auto" : "smooth" });
    before?.focus?.({ preventScroll: true });
  };

  const ACTIONS = {
    "tour-open": begin,
    "tour-skip": end,
    "tour-back": () => show(at - 1),
    "tour-next": () => (part("tour-next").textContent === "Done" ? end() : show(at + 1)),
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) ACTIONS[button.id]?.();
  });
  document.addEventListener("close", (event) => event.target.id === "tour" && ended(), { capture: true });
  document.addEventListener("keydown", (event) => {
    if (!part("tour")?.open) return;
    if (event.key === "ArrowRight" && at < steps().length - 1) show(at + 1);
    if (event.key === "ArrowLeft") show(at - 1);
  });
  new ResizeObserver(place).observe(document.body); // a page that is still coming in moves what is pointed at
  window.addEventListener("resize", place);
  window.addEventListener("scroll", place, { passive: true });

  const wanted = new URLSearchParams(window.location.search).get("tour");
  if (wanted !== null) window.glioscope.note({ tour: null });
  const isDue = wanted === "on" || (wanted === null && !navigator.webdriver && window.localStorage.getItem(SEEN) === null);
  if (!isDue) return;
  const watch = new MutationObserver(() => {
    if (document.querySelector('#stage[data-state="ready"]:not([data-case=""])') === null) return;
    watch.disconnect();
    begin();
  });
  watch.observe(document.documentElement, { subtree: true, childList: true, attributeFilter: ["data-state"] });
})();
