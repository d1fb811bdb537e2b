// Light or dark: the system's wish, unless the reader says otherwise. The stylesheet follows
// `data-theme`; the page's head loads this module before the first paint.

import { recall, remember } from "./memory.js";

/** @typedef {"system" | "light" | "dark"} Theme */

export const THEMES = /** @type {const} */ (["system", "light", "dark"]);

/** What the reader chose. @returns {Theme} */
export const chosen = () => THEMES.find((theme) => theme === recall("theme")) ?? "system";

/** @param {Theme} theme */
export function choose(theme) {
  remember("theme", theme);
  apply(theme);
}

/** @param {Theme} theme */
function apply(theme) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
}

apply(chosen());
