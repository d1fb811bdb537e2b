// The server has drawn the page, which needs no script. So the modules wait until its frame is painted and then come all
// at once, this page's own among them: a browser that loads them meanwhile paints a third later. Rows and the focus
// take as long, and wait as well.

const run = () => {
  document.documentElement.dataset.painted = "";
  /** @type {HTMLElement | null} */
  const box = document.querySelector("input[data-focus]");
  if (document.activeElement === document.body) box?.focus({ preventScroll: true });
  const modules = document.getElementById("modules");
  if (modules instanceof HTMLTemplateElement) document.head.append(modules.content);
  // What the page brings along stands at its end.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => import("./app.js"));
  else import("./app.js");
};

// A page in the background is not painted, and not every browser tells.
if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) run();
else {
  new PerformanceObserver(run).observe({ type: "paint", buffered: true });
  addEventListener("visibilitychange", run, { once: true });
}
