// Small facts that stand in tables and lines: marks, words, sizes, times, platforms.

import { bytes, count, exact, ago } from "../lib/format.js";
import { html } from "../lib/preact.js";

const HUES = ["accent", "plum", "ok", "warn"];
const COMMON = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"];

/** A channel's own dot or ring; always beside its name, never instead of it. @param {{ name: string }} props */
export function Mark({ name }) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  const form = (hash >>> 2) % 2 ? "dot" : "ring";
  return html`<span class="mark ${HUES[hash % HUES.length]} ${form}" aria-hidden="true"></span>`;
}

/** A state as a word on a soft ground. @param {{ kind?: "" | "ok" | "warn" | "bad" | "plum", title?: string, children?: any }} props */
export const Pill = ({ kind = "", title, children }) => html`<span class="pill ${kind}" title=${title}>${children}</span>`;

/** "private"; a public channel needs no word. @param {{ isPublic: boolean }} props */
export const Visibility = ({ isPublic }) => (isPublic ? null : html`<${Pill} kind="plum">private</${Pill}>`);

/** @param {{ of: string | null | undefined }} props RFC 3339 */
export function Time({ of }) {
  if (!of) return null;
  return html`<time datetime=${of} title=${exact(of)}>${ago(of)}</time>`;
}

/** @param {{ of: number | null | undefined }} props */
export function Bytes({ of }) {
  return of === null || of === undefined ? null : html`<span class="number" title="${count(of)} bytes">${bytes(of)}</span>`;
}

/** Where a package runs: a strip of the common platforms, then the others in words. @param {{ of: readonly string[] }} props */
export function Platforms({ of }) {
  const others = of.filter((name) => !COMMON.includes(name));
  const isCommon = of.some((name) => COMMON.includes(name));
  return html`<span class="platforms">
    ${isCommon && html`<span class="strip" role="img" aria-label=${COMMON.filter((name) => of.includes(name)).join(", ")}>
      ${COMMON.map((name) => html`<span class=${of.includes(name) ? "has" : ""} title=${of.includes(name) ? name : `not for ${name}`}></span>`)}
    </span>`}
    ${others.map((name) => html`<span class="other">${name}</span>`)}
  </span>`;
}
