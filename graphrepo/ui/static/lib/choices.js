// Small choices of the reader, kept in this browser. The theme is one of them: the system's wish,
// unless the reader says otherwise; the stylesheet follows `data-theme`. It is kept in a cookie, so
// that the server writes it into the page and the first paint waits for no script.

/** What cannot be stored lasts for the page. @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @returns {string | null} */
export function recall(name) {
  try {
    return localStorage.getItem(`graphrepo.${name}`);
  } catch {
    return here.get(name) ?? null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(`graphrepo.${name}`, value);
  } catch {
    // The choice holds until the page is left.
  }
}

export const THEMES = /** @type {const} */ (["system", "light", "dark"]);

const YEAR = 31_536_000; // seconds

/** What the reader chose. */
export const chosen = () => document.documentElement.dataset.theme ?? "system";

/** @param {string} theme */
export function choose(theme) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme === "system" ? 0 : YEAR}; samesite=lax`;
}
