// The builds of a release as a grid: platforms down, variants across. The file name appears only
// once a cell is chosen.

import { idOf } from "../lib/builds.js";
import { html, useRef, useState } from "../lib/preact.js";

/** @typedef {import("../lib/builds.js").Cell} Cell */
const MOST = 8;
const STEPS = /** @type {Record<string, [down: number, across: number]>} */ ({
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
});

/**
 * @param {{
 *   version: string, grid: import("../lib/builds.js").Grid, chosen: Cell | null,
 *   onChoose: (build: import("../lib/builds.js").Build) => void,
 * }} props
 */
export function BuildGrid({ version, grid, chosen, onChoose }) {
  const [isWhole, setWhole] = useState(false);
  /** @type {{ current: HTMLElement | null }} */
  const box = useRef(null);
  const hidden = Math.max(0, grid.columns.length - MOST);
  const isChosenOlder = chosen && grid.columns.indexOf(chosen.key) >= MOST;
  const columns = isWhole || isChosenOlder || hidden === 0 ? grid.columns : grid.columns.slice(0, MOST);
  const isNamed = columns.some(Boolean);
  return html`
    <div class="gridbox" ref=${box} tabindex="0" role="region" aria-label="Builds of ${version} by platform and variant" onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, box.current)}>
      <table class="grid">
        ${isNamed && html`<thead><tr><td></td>${columns.map((key) => html`<th scope="col">${key || "other"}</th>`)}</tr></thead>`}
        <tbody>${grid.rows.map((row) => html`<tr key=${row.platform}>
          <th scope="row">${row.platform}</th>
          ${row.wide
            ? html`<td colspan=${columns.length}><${CellButton} cell=${row.wide} label="every platform" platform="noarch" isChosen=${row.wide === chosen} onChoose=${onChoose} /></td>`
            : columns.map((key) => html`<td key=${key}><${CellButton} cell=${row.cells.get(key)} label=${key} platform=${row.platform} isChosen=${Boolean(chosen) && row.cells.get(key) === chosen} onChoose=${onChoose} /></td>`)}
        </tr>`)}</tbody>
      </table>
    </div>
    ${columns.length < grid.columns.length && html`<p><button type="button" class="quiet" onClick=${() => setWhole(true)}>Show ${hidden} older</button></p>`}`;
}

/** @param {{ cell: Cell | undefined, label: string, platform: string, isChosen: boolean, onChoose: (build: any) => void }} props */
function CellButton({ cell, label, platform, isChosen, onChoose }) {
  if (!cell) return html`<span class="cell none"><span class="hidden">no build</span></span>`;
  const [build] = cell.builds;
  const strings = new Set(cell.builds.map(({ buildString }) => buildString)).size;
  const isGone = cell.builds.every(({ yankedReason }) => yankedReason !== null);
  const said = strings > 1 ? `${strings} builds` : `build ${build.buildNumber}`;
  return html`<button type="button" class="cell ${isGone ? "gone" : ""}" aria-pressed=${isChosen} tabindex=${isChosen ? 0 : -1}
    aria-label=${[said, "for", platform, label !== "every platform" && label, isGone && "withdrawn"].filter(Boolean).join(" ")}
    onClick=${() => onChoose(build)}>${strings > 1 ? `${strings}×` : build.buildNumber}</button>`;
}

/** Arrow keys go to the next build in their direction. @param {KeyboardEvent} event @param {HTMLElement | null} box */
function walk(event, box) {
  const step = STEPS[event.key];
  const from = event.target instanceof Element ? event.target.closest("td") : null;
  if (!step || !from || !box) return;
  const rows = [...box.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
  let [down, across] = [rows.findIndex((row) => row.includes(from)), 0];
  across = rows[down].indexOf(from);
  event.preventDefault();
  for (;;) {
    [down, across] = [down + step[0], across + step[1]];
    const row = rows[down];
    const cell = row && (row[across] ?? (step[0] && row.length === 1 ? row[0] : undefined));
    if (!cell) return;
    const button = cell.querySelector("button");
    if (button) return button.focus();
  }
}

/**
 * The builds of the chosen cell, where it holds several.
 * @param {{ cell: Cell, chosen: import("../lib/builds.js").Build, onChoose: (build: any) => void }} props
 */
export function Siblings({ cell, chosen, onChoose }) {
  if (cell.builds.length < 2) return null;
  return html`<div class="toggles" role="group" aria-label="Builds in this cell">
    ${cell.builds.map((build) => html`<button type="button" class="toggle mono" key=${idOf(build)} aria-pressed=${build === chosen} onClick=${() => onChoose(build)}>${labelOf(build, cell.builds)}</button>`)}
  </div>`;
}

/** A build string; with the kind of archive where that alone tells two files apart. @param {any} build @param {any[]} builds */
function labelOf(build, builds) {
  const isTwin = builds.some((other) => other !== build && other.buildString === build.buildString);
  return isTwin ? `${build.buildString} ${build.filename.endsWith(".conda") ? ".conda" : ".tar.bz2"}` : build.buildString;
}

