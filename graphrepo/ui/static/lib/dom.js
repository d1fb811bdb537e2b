// Elements from plain values. Text is always a text node: nothing here parses markup.

/** Make an element: `on…` properties listen, `true` sets an empty attribute, null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Put a page in place: title, content, then the focus on its heading once it is rendered. */
export function show(title, ...content) {
  document.title = title === "graphrepo" ? title : `${title} · graphrepo`;
  document.getElementById("main").replaceChildren(...content);
  const heading = document.querySelector("#main h1");
  if (!heading || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  requestAnimationFrame(() => heading.focus({ preventScroll: true }));
}

/** The page heading with what stands beside it. */
export const heading = (name, ...beside) => h("div", { class: "heading" }, h("h1", {}, name), ...beside);
