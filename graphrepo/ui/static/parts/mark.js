import { h } from "../lib/dom.js";

const HUES = ["accent", "plum", "ok", "warn"];

/** A channel's own dot or ring; always beside its name, never instead of it. */
export function mark(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  const form = (hash >>> 2) % 2 ? "dot" : "ring";
  return h("span", { class: `mark ${HUES[hash % HUES.length]} ${form}`, "aria-hidden": "true" });
}

/** "public" or "private", as a word. */
export const visibility = (isPublic) =>
  h("span", { class: isPublic ? "pill" : "pill private" }, isPublic ? "public" : "private");
