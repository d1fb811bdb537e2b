// Tables. On a phone a row becomes its name, then one line of facts.

import { several } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { setQuery, withQuery, query } from "../lib/router.js";

/**
 * @typedef {{
 *   title: any, cell: (row: any) => any, kind?: string, sort?: string, isFalling?: boolean,
 * }} Column `kind` is a class: "main" for the name, "number", "mono", "faint"; `sort` is the
 *   word that orders by this column, falling first where `isFalling`
 */

/**
 * @param {{
 *   label: string, columns: readonly Column[], rows: readonly any[], keyOf: (row: any) => string,
 *   sort?: string,
 * }} props `sort` is the order in force, with "-" before a falling one; without it no column sorts
 */
export function Table({ label, columns, rows, keyOf, sort }) {
  return html`<table class="list" aria-label=${label}>
    <thead><tr>${columns.map((column) => html`<${Title} column=${column} sort=${sort} />`)}</tr></thead>
    <tbody>
      ${rows.map((row) => html`<tr key=${keyOf(row)}>
        ${columns.map(({ cell, kind = "" }) => html`<td class=${kind}>${cell(row)}</td>`)}
      </tr>`)}
    </tbody>
  </table>`;
}

/** @param {{ column: Column, sort?: string }} props */
function Title({ column: { title, kind = "", sort: own, isFalling = false }, sort }) {
  if (!own || sort === undefined) return html`<th scope="col" class=${kind}>${title}</th>`;
  const isRising = sort === own;
  const isDown = sort === `-${own}`;
  const next = isRising ? `-${own}` : isDown ? own : `${isFalling ? "-" : ""}${own}`;
  const state = isRising ? "ascending" : isDown ? "descending" : undefined;
  return html`<th scope="col" class="sortable ${kind}" aria-sort=${state}>
    <button type="button" onClick=${() => setQuery({ sort: next, page: null })}>${title}<span aria-hidden="true">${isRising ? " ↑" : isDown ? " ↓" : ""}</span></button>
  </th>`;
}

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
