// The server has drawn the page, which needs no script. So what is not needed for its first paint comes after it: then
// the rows and the focus, and once the rows are painted all modules at once, this page's own among them.

const root = document.documentElement;

/** The button that was pressed last while none of them could answer. @type {HTMLElement | null} */
let pressed = null;
const note = (/** @type {Event} */ { target }) => {
  pressed = target instanceof Element ? target.closest("#main button") : null;
};
addEventListener("click", note);

/** The script takes the page over, and does what was asked for meanwhile. */
const takeOver = async () => {
  await import("./app.js");
  removeEventListener("click", note);
  pressed?.click();
  pressed = null;
};

const showRows = () => {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("input[data-focus]");
  if (document.activeElement === document.body) box?.focus({ preventScroll: true });
  root.dataset.painted = "";
  if (document.hidden) loadModules();
  else requestAnimationFrame(() => setTimeout(loadModules));
};

const loadModules = () => {
  const modules = document.getElementById("modules");
  if (modules instanceof HTMLTemplateElement) document.head.append(modules.content);
  // What the page brings along stands at its end.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", takeOver);
  else takeOver();
};

// A page in the background is not painted, and not every browser tells.
if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) showRows();
else {
  // What is painted first may be the background alone.
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) showRows();
  }).observe({ type: "paint", buffered: true });
  addEventListener("visibilitychange", showRows, { once: true });
}
