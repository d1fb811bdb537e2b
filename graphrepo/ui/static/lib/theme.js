// Light or dark: the system's wish, unless the reader says otherwise. The stylesheet follows
// `data-theme`. The page waits for this module before its first paint, so it imports nothing.

/** @typedef {"system" | "light" | "dark"} Theme */

export const THEMES = /** @type {const} */ (["system", "light", "dark"]);
const NAME = "graphrepo.theme";

/** What the reader chose; storage may be closed to us. @returns {Theme} */
export function chosen() {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(NAME)) ?? "system";
  } catch {
    return "system";
  }
}

/** @param {Theme} theme */
export function choose(theme) {
  apply(theme);
  try {
    localStorage.setItem(NAME, theme);
  } catch {
    // The choice holds until the page is left.
  }
}

/** @param {Theme} theme */
function apply(theme) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
}

apply(chosen());
