// Charts as plain SVG, each with its figures as a table for those who read them.

import { count, month, short, several } from "../lib/format.js";
import { html, useState } from "../lib/preact.js";

const WIDTH = 300;
const HEIGHT = 64;
const GAP = 2;

/**
 * Downloads for each month, the latest on the right; the bar under the pointer tells its month.
 * @param {{ months: readonly { date: string, count: number }[] }} props `date` is a month's first day
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
        return html`<g key=${item.date} onMouseEnter=${() => setPointed(place)}>
          <rect class="ground" x=${place * step} y="0" width=${step} height=${HEIGHT} />
          <rect class=${item === shown ? "bar now" : "bar"} x=${place * step + GAP / 2} y=${HEIGHT - height} width=${step - GAP} height=${height} rx="1" />
        </g>`;
      })}
    </svg>
    <figcaption class="muted">${shown ? `${month(shown.date)}: ${count(shown.count)}` : ""}</figcaption>
    <details><summary class="muted">As a table</summary>
      <table><thead><tr><th scope="col">Month</th><th scope="col" class="number">Downloads</th></tr></thead>
        <tbody>${months.toReversed().map((item) => html`<tr key=${item.date}><td>${month(item.date)}</td><td class="number">${count(item.count)}</td></tr>`)}</tbody></table>
    </details>
  </figure>`;
}

/**
 * A small line of figures over time, for a table or a heading.
 * @param {{ values: readonly number[], label: string }} props
 */
export function Spark({ values, label }) {
  const most = Math.max(1, ...values);
  const last = Math.max(1, values.length - 1);
  const points = values.map((value, place) => `${((place / last) * 98 + 1).toFixed(1)},${(23 - (value / most) * 22).toFixed(1)}`);
  return html`<svg class="spark" viewBox="0 0 100 24" role="img" aria-label="${label}: ${values.map(short).join(", ")}"><polyline points=${points.join(" ")} /></svg>`;
}
