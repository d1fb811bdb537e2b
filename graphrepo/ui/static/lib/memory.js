// Small choices kept in this browser. Storage may be closed to us: then they last for the page.

/** @type {Map<string, string>} */
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
