// Charts as plain SVG, each with its figures as a table for those who read them.

import { count, month as nameOf, several } from "../lib/format.js";
import { html, useState } from "../lib/preact.js";

const WIDTH = 300;
const HEIGHT = 64;
const GAP = 2;
const MONTHS = 12;

/** @typedef {{ month: string, count: number }} Month `month` is its first day */

/**
 * A year's months to this one, those without a figure as 0.
 * @param {readonly Month[]} known
 * @param {Date} [now]
 * @returns {Month[]}
 */
export function lastMonths(known, now = new Date()) {
  const counts = new Map(known.map((item) => [item.month.slice(0, 7), item.count]));
  return Array.from({ length: MONTHS }, (_, place) => {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + 1 + place, 1)).toISOString().slice(0, 10);
    return { month: first, count: counts.get(first.slice(0, 7)) ?? 0 };
  });
}

/**
 * Downloads for each month, the latest on the right; the bar under the pointer tells its month.
 * @param {{ months: readonly Month[] }} props
 */
export function Bars({ months }) {
  const [pointed, setPointed] = useState(-1);
  const most = Math.max(1, ...months.map((item) => item.count));
  const step = WIDTH / months.length;
  const shown = months[pointed] ?? months.at(-1);
  return html`<figure class="bars">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Downloads per month, ${several(months.length, "month")}" onMouseLeave=${() => setPointed(-1)}>
      ${months.map((item, place) => {
        const height = item.count ? Math.max(2, (item.count / most) * HEIGHT) : 1;
        return html`<g key=${item.month} onMouseEnter=${() => setPointed(place)}>
          <rect class="ground" x=${place * step} y="0" width=${step} height=${HEIGHT} />
          <rect class=${item === shown ? "bar now" : "bar"} x=${place * step + GAP / 2} y=${HEIGHT - height} width=${step - GAP} height=${height} rx="1" />
        </g>`;
      })}
    </svg>
    <figcaption class="muted">${shown ? `${nameOf(shown.month)}: ${count(shown.count)}` : ""}</figcaption>
    <details><summary class="muted">As a table</summary>
      <table><thead><tr><th scope="col">Month</th><th scope="col" class="number">Downloads</th></tr></thead>
        <tbody>${months.toReversed().map((item) => html`<tr key=${item.month}><td>${nameOf(item.month)}</td><td class="number">${count(item.count)}</td></tr>`)}</tbody></table>
    </details>
  </figure>`;
}
