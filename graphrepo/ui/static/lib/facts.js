// Numbers, sizes, times, marks and words as people read them. The language of the pages is English.

import { html } from "./preact.js";

const LANGUAGE = "en";
const COUNT = new Intl.NumberFormat(LANGUAGE);
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const EXACT = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long", timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" });
const MONTH = new Intl.DateTimeFormat(LANGUAGE, { month: "long", year: "numeric", timeZone: "UTC" });
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Smallest age in seconds for which a unit is used, and the seconds in it. */
const AGES = /** @type {const} */ ([
  [31_557_600, 31_557_600, "year"],
  [2_629_800 * 1.5, 2_629_800, "month"],
  [86_400, 86_400, "day"],
  [3_600, 3_600, "hour"],
  [60, 60, "minute"],
]);

/** 10000 → "10,000". @param {number} number */
export const count = (number) => COUNT.format(number);

/**
 * "1 package", "2 packages".
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export const several = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** 15_000_000 → "15.0 MB"; steps of 1000, as disks and networks count. @param {number} number */
export function bytes(number) {
  let unit = 0;
  while (number >= 999.5 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit && number < 100 ? number.toFixed(1) : Math.round(number)} ${UNITS[unit]}`;
}

/**
 * "3 days ago", "in 2 hours", "just now".
 * @param {string} moment RFC 3339
 * @param {number} [now] milliseconds
 */
function ago(moment, now = Date.now()) {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  for (const [least, size, unit] of AGES) {
    if (Math.abs(seconds) >= least) return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

/** "22 November 2026 at 15:00" in the reader's own time zone. @param {string} moment */
export const exact = (moment) => EXACT.format(new Date(moment));

/** "Nov 22, 2026" in the reader's own time zone. @param {string} moment */
export const date = (moment) => DATE.format(new Date(moment));

/** "November 2026" of a month's first day. @param {string} day */
export const month = (day) => MONTH.format(new Date(day));

/**
 * The address of a page: each part is escaped.
 * @param {...string} parts
 */
export const path = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;

const HUES = ["accent", "plum", "ok", "warn"];
export const COMMON = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"];

/** A channel's own dot or ring; always beside its name, never instead of it. @param {{ name: string }} props */
export function Mark({ name }) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  const form = (hash >>> 2) % 2 ? "dot" : "ring";
  return html`<span class="mark ${HUES[hash % HUES.length]} ${form}" aria-hidden="true"></span>`;
}

/** A logo that may be shown here: nothing is fetched from elsewhere. @param {{ of: string | null | undefined }} props */
export function Logo({ of }) {
  const url = of && URL.canParse(of, location.href) ? new URL(of, location.href) : null;
  const isHere = url && (url.origin === location.origin || /^data:image\//.test(url.href));
  return isHere ? html`<img class="logo" src=${url.href} alt="" width="48" height="48" />` : null;
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

/** Whether a version names itself unfinished: 1.0rc1, 2.0.dev3, 3.0.0-beta. @param {string} version */
export const isPrerelease = (version) => /\d(?:a|b|c|rc)\d+|(?:^|[\d._])(?:alpha|beta|dev|pre|rc)/i.test(version);

/** A long name, which may be broken where words end: browsers know that of dashes alone. @param {{ of: string }} props */
export const Name = ({ of }) => (of.length < 20 ? of : html`${of.split(/(?<=_)/).map((part) => html`${part}<wbr />`)}`);

/** Names in a row, none of them broken. @param {{ of: readonly string[] }} props */
export const Words = ({ of }) => html`<span class="words">${of.map((name) => html`<span key=${name}>${name}</span>`)}</span>`;
