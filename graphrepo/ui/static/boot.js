// The server has drawn the first frame, which needs no script. So the modules wait until it is painted and then come
// all at once, this page's own among them: a browser that loads them meanwhile paints a third later.

const run = () => {
  const modules = document.getElementById("modules");
  if (modules instanceof HTMLTemplateElement) document.head.append(modules.content);
  import("./app.js");
};

// A page in the background is not painted, and not every browser tells.
if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes("paint")) run();
else {
  new PerformanceObserver(run).observe({ type: "paint", buffered: true });
  addEventListener("visibilitychange", run, { once: true });
}
