// Lists: the search box, tables, their pages, and the table of packages.

import { count, isPrerelease, Mark, Name, path, Platforms, several, Time } from "../lib/facts.js";
import { addShortcuts, announce, query, setQuery, withQuery } from "../lib/navigation.js";
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { useSettled } from "../lib/server.js";

/**
 * @typedef {{
 *   title: any, cell: (row: any) => any, kind?: string, sort?: string, isFalling?: boolean,
 * }} Column `kind` is a class: "main" for the name, "number", "mono", "faint"; `sort` is the
 *   word that orders by this column, falling first where `isFalling`
 */

/** @typedef {{ key: string, title: any, rows: readonly any[] }} Group rows under a line of their own */

/**
 * @param {{
 *   label: string, columns: readonly Column[], rows: readonly any[], keyOf?: (row: any) => string,
 *   sort?: string, groups?: readonly Group[],
 * }} props `sort` is the order in force, with "-" before a falling one; without it no column sorts.
 *   `groups` are the rows once more, in parts
 */
export function Table({ label, columns, rows, keyOf = keyOfRow, sort, groups }) {
  // While the next rows are on their way, these are not drawn again.
  const drawn = useRef(/** @type {{ from: readonly any[], table: any } | null} */ (null));
  const from = [columns, rows, sort, groups];
  if (!drawn.current?.from.every((part, place) => part === from[place])) {
    drawn.current = {
      from,
      table: html`<table class="list" aria-label=${label}>
        <thead><tr>${columns.map((column) => html`<${Title} column=${column} sort=${sort} />`)}</tr></thead>
        ${(groups ?? [{ key: "", title: null, rows }]).map(({ key, title, rows: own }) => html`<tbody key=${key}>
          ${title && html`<tr class="group"><th scope="rowgroup" colspan=${columns.length}>${title}</th></tr>`}
          ${own.map((row) => html`<tr key=${keyOf(row)}>
            ${columns.map(({ cell, kind = "" }) => html`<td class=${kind}>${cell(row)}</td>`)}
          </tr>`)}
        </tbody>`)}
      </table>`,
    };
  }
  return drawn.current.table;
}

/** What tells a row from others, unless the table says otherwise. @param {any} row @returns {string} */
const keyOfRow = ({ id, name, login, username }) => id ?? name ?? login ?? username;

/** @param {{ column: Column, sort?: string }} props */
function Title({ column: { title, kind = "", sort: own, isFalling = false }, sort }) {
  if (!own || sort === undefined) return html`<th scope="col" class=${kind}>${title}</th>`;
  const isRising = sort === own;
  const isDown = sort === `-${own}`;
  const next = isRising ? `-${own}` : isDown ? own : `${isFalling ? "-" : ""}${own}`;
  const state = isRising ? "ascending" : isDown ? "descending" : undefined;
  return html`<th scope="col" class="sortable ${kind}" aria-sort=${state}>
    <button type="button" onClick=${() => setQuery({ sort: next, page: null })}>${title}${(isRising || isDown) && html`<span aria-hidden="true">${isRising ? "↑" : "↓"}</span>`}</button>
  </th>`;
}

/**
 * Links of which one is chosen; the choice stands in the address.
 * @param {{ label: string, name: string, choices: readonly (readonly [value: string, word: string])[], children?: any }} props
 */
export const Toggles = ({ label, name, choices, children }) => html`<nav class="toggles" aria-label=${label}>
  ${choices.map(([value, word]) => html`<a class="toggle button" href=${withQuery({ [name]: value, page: null })} aria-current=${value === query(name) ? "true" : undefined}>${word}</a>`)}
  ${children}
</nav>`;

/** The page number of the address, from 0. */
export const pageNumber = () => Math.max(0, (Number.parseInt(query("page"), 10) || 1) - 1);

/**
 * "1–60 of 10,000 packages", and the way on.
 * @param {{ current: number, pages: number, size: number, total: number, noun: string }} props
 */
export function Pages({ current, pages, size, total, noun }) {
  if (pages <= 1) return null;
  const from = current * size + 1;
  const link = (/** @type {number} */ page, /** @type {string} */ word) =>
    page < 0 || page >= pages ? html`<span class="off">${word}</span>` : html`<a href=${withQuery({ page: page ? `${page + 1}` : null })}>${word}</a>`;
  return html`<nav class="pages" aria-label="Pages">
    ${link(current - 1, "Previous")}
    <span class="muted">${from}–${Math.min(from + size - 1, total)} of ${several(total, noun)}</span>
    ${link(current + 1, "Next")}
  </nav>`;
}

/** What was typed into the box that the server drew, whose mark goes with the first rendering. */
function early() {
  /** @type {HTMLInputElement | null} */
  const box = document.querySelector("input[data-early]");
  return box?.value;
}

const KEYS = [{ key: "↓ ↑", label: "go through the results" }, { key: "Enter", label: "to the first result" }, { key: "Esc", label: "clear the search" }];

/**
 * Enter and the arrow keys lead into the results: every `td.main a` of the page.
 * @param {{ label: string, placeholder: string, takesFocus?: boolean }} props
 */
export function SearchBox({ label, placeholder, takesFocus = false }) {
  const q = query("q");
  const [text, setText] = useState(() => early() ?? q);
  const settled = useSettled(text.trim());
  const asked = useRef(q);
  useEffect(() => addShortcuts(KEYS), []);
  useEffect(() => {
    if (q !== asked.current) setText(q);
    asked.current = q;
  }, [q]);
  useEffect(() => {
    if (settled === asked.current) return;
    asked.current = settled;
    setQuery({ q: settled, page: null });
  }, [settled]);
  const press = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && text) {
      event.preventDefault();
      setText("");
    } else if (event.key === "ArrowDown" && move(1)) event.preventDefault();
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    asked.current = text.trim();
    isEntered = asked.current !== q || document.querySelector("#main .stale") !== null;
    setQuery({ q: asked.current, page: null }, { push: true });
    if (!isEntered) results()[0]?.focus();
  };
  return html`<form role="search" class="search" onSubmit=${submit}>
    <input type="search" name="q" aria-label=${label} placeholder=${placeholder} value=${text} autocomplete="off" autocapitalize="none"
      spellcheck=${false} data-focus=${takesFocus || undefined} onKeyDown=${press}
      onInput=${(/** @type {any} */ event) => {
        isEntered = false;
        setText(event.currentTarget.value);
      }} />
    <kbd aria-hidden="true">/</kbd>
  </form>`;
}

/** Whether Enter waits for results to lead into. */
let isEntered = false;

/**
 * Once there is an answer to what one searches: tell screen readers how much was found, and lead to it who pressed Enter.
 * @param {number | undefined} total @param {string} noun @param {boolean} isStale
 */
export function useFound(total, noun, isStale) {
  const q = query("q");
  useEffect(() => {
    if (total === undefined || isStale) return;
    if (q) announce(several(total, noun));
    if (isEntered) results()[0]?.focus();
    isEntered = false;
  }, [q, total, isStale]);
}

/** @returns {HTMLElement[]} */
const results = () => [...document.querySelectorAll("#main td.main a")].filter((link) => link instanceof HTMLElement);

/** Move the focus through the results; -1 from the first goes back to the box. @param {number} step */
function move(step) {
  const links = results();
  const at = links.findIndex((link) => link === document.activeElement);
  /** @type {HTMLElement | null} */
  const box = document.querySelector("#main input[type=search]");
  const target = at + step < 0 ? box : links[at + step];
  target?.focus();
  return Boolean(target);
}

document.addEventListener("keydown", (event) => {
  const isResult = results().some((link) => link === event.target);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (isResult && step && move(step)) event.preventDefault();
});

/** A figure with the word that a phone shows in place of the column's title. @param {number} number @param {string} noun */
export const counted = (number, noun) => html`${count(number)}<span class="label"> ${number === 1 ? noun : `${noun}s`}</span>`;

export const PAGE_SIZE = 60;

/** @type {Column} */
const NAME = {
  title: "Name", kind: "main", sort: "name",
  cell: ({ name, summary, channel }) => html`
    <a href=${path("channels", channel.name, "packages", name)}><${Name} of=${name} /></a>
    ${summary && html`<span class="note">${summary}</span>`}`,
};
/** @type {Column} */
const CHANNEL = { title: "Channel", kind: "place", cell: ({ channel }) => html`<span title=${channel.name}><${Mark} name=${channel.name} />${channel.name}</span>` };
/** @type {Column[]} */
const FACTS = [
  { title: "Latest", kind: "mono", cell: ({ latestVersion: { version } }) => html`${version}${isPrerelease(version) && html`<span class="note">pre-release</span>`}` },
  { title: "Platforms", cell: ({ platforms }) => html`<${Platforms} of=${platforms} />` },
  { title: "Downloads", kind: "number roomy", cell: ({ totalCount }) => count(totalCount ?? 0) },
  { title: "Updated", kind: "faint", sort: "updated", isFalling: true, cell: ({ lastCreatedDate }) => html`<${Time} of=${lastCreatedDate} />` },
];

const WITH_CHANNEL = [NAME, CHANNEL, ...FACTS];
const WITHOUT = [NAME, ...FACTS];

/**
 * Each package with its name, summary, totalCount, lastCreatedDate, platforms, channel's name and latestVersion's version.
 * @param {{ packages: readonly any[], sort?: string, withChannel?: boolean }} props
 */
export function PackageTable({ packages, sort, withChannel = false }) {
  return html`<${Table} label="Packages" columns=${withChannel ? WITH_CHANNEL : WITHOUT} rows=${packages} sort=${sort}
    keyOf=${(/** @type {any} */ item) => `${item.channel.name}/${item.name}`} />`;
}

/** Whose name has this in it. @param {string} q */
export const nameLike = (q) => (q ? { name: { contains: q.toLowerCase() } } : null);

/**
 * The order that a word of `?sort=` asks for, null where the list knows none of that name.
 * @param {string} sort @param {Record<string, string>} fields the API's names by our words
 */
export function fieldOrder(sort, fields) {
  const field = fields[sort.replace("-", "")];
  return field ? { byField: { field, direction: sort.startsWith("-") ? "DESC" : "ASC" } } : null;
}

/** What channels can be ordered by. */
export const CHANNEL_FIELDS = { name: "NAME", size: "SIZE", packages: "PACKAGE_COUNT" };

/**
 * The order of packages; while one searches, what is alike comes first.
 * @param {string} sort @param {string} q
 */
export const orderOf = (sort, q) => fieldOrder(sort, { name: "NAME", updated: "LAST_CREATED_DATE" })
  ?? (q ? { bySimilarity: { field: "NAME", matches: q, direction: "DESC" } } : fieldOrder("name", CHANNEL_FIELDS));
