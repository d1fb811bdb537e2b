import { h } from "../lib/dom.js";

/** A plain table: column titles, then rows of cells (nodes or text). */
export const table = (label, titles, rows) =>
  h("table", { "aria-label": label },
    h("thead", {}, h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells))));

/** One cell; `kind` is a class such as "mono". */
export const cell = (content, kind = null) => h("td", { class: kind }, content);
