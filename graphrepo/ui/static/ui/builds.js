// The builds of a release as a grid: platforms down, variants across. The file name appears only once
// a cell is chosen.

import { addShortcuts } from "../lib/navigation.js";
import { html, useEffect, useRef, useState } from "../lib/preact.js";

/** @typedef {{ filename: string, version: string, platform: string, buildString: string, buildNumber: number, size: number, createdAt: string, yankedReason: string | null, hidden: boolean }} Build */
/** @typedef {{ key: string, builds: Build[] }} Cell the builds, highest number first */
/** @typedef {{ platform: string, cells: Map<string, Cell>, wide: Cell | null }} Row */
/** @typedef {{ columns: string[], rows: Row[] }} Grid */

const NOARCH = "noarch";
const PLATFORM_ORDER = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"];

/**
 * The variant of a build string: what is left without its hash and its number.
 * "py312h6f1c2d0_2" → "py312", "cuda126_mkl_h1a2b3c4_0" → "cuda126 mkl", "h1a2b3c4_0" → "".
 * @param {string} text
 */
export function variantOf(text) {
  const words = text.replace(/_\d+$/, "").split("_").flatMap((word) => word.replace(/h[0-9a-f]{5,}$/, "").split(/(?<=^py\d+)(?=[a-z])/));
  return words.filter((word) => word && !/^\d+$/.test(word)).sort(byPython).join(" ");
}

/** Python first, then as written. @param {string} a @param {string} b */
const byPython = (a, b) => Number(/^py\d/.test(b)) - Number(/^py\d/.test(a));

/** "py313" before "py39" before "cuda12"; the newest on the left. @param {string} a @param {string} b */
function newestFirst(a, b) {
  const [x, y] = [pythonOf(a), pythonOf(b)];
  return y[0] - x[0] || y[1] - x[1] || b.localeCompare(a, "en", { numeric: true });
}

/** @param {string} key @returns {[major: number, minor: number]} */
function pythonOf(key) {
  const found = /\b(?:py|cp)(\d)(\d*)/.exec(key);
  return found ? [Number(found[1]), Number(found[2] || 0)] : [0, 0];
}

/** @param {string} a @param {string} b */
function byPlatform(a, b) {
  const [x, y] = [a, b].map((name) => (PLATFORM_ORDER.indexOf(name) + 1 || PLATFORM_ORDER.length + 1) + (name === NOARCH ? -99 : 0));
  return x - y || a.localeCompare(b);
}

/**
 * Lay the builds of one release out: a column for each variant, a row for each platform.
 * noarch has no variants of its own: one cell as wide as the grid.
 * @param {readonly Build[]} builds
 * @returns {Grid}
 */
export function gridOf(builds) {
  const named = builds.filter(({ platform }) => platform !== NOARCH);
  const columns = [...new Set(named.map(({ buildString }) => variantOf(buildString)))].sort(newestFirst);
  const platforms = [...new Set(builds.map(({ platform }) => platform))].sort(byPlatform);
  return { columns: columns.length ? columns : [""], rows: platforms.map((platform) => rowOf(platform, builds)) };
}

/** @param {string} platform @param {readonly Build[]} builds @returns {Row} */
function rowOf(platform, builds) {
  const own = builds.filter((build) => build.platform === platform).sort((a, b) => b.buildNumber - a.buildNumber || b.filename.localeCompare(a.filename));
  if (platform === NOARCH) return { platform, cells: new Map(), wide: { key: "", builds: own } };
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const build of own) {
    const key = variantOf(build.buildString);
    const cell = cells.get(key);
    if (cell) cell.builds.push(build);
    else cells.set(key, { key, builds: [build] });
  }
  return { platform, cells, wide: null };
}

/** The cell that holds a file. @param {Grid} grid @param {Build} build @returns {Cell | null} */
export function cellOf(grid, build) {
  const row = grid.rows.find(({ platform }) => platform === build.platform);
  return row?.wide ?? row?.cells.get(variantOf(build.buildString)) ?? null;
}

/** What an address calls a file. @param {Build} build */
export const idOf = ({ platform, filename }) => `${platform}/${filename}`;

/** The platform of this reader, as far as a browser tells. @returns {string} */
function ownPlatform() {
  const told = navigator.userAgent;
  if (/Windows/.test(told)) return "win-64";
  return /Mac/.test(told) ? "osx-arm64" : "linux-64";
}

/**
 * The build to show when none was chosen: for the reader's own platform, with the newest Python,
 * one that is still offered.
 * @param {Grid} grid
 * @returns {Build}
 */
export function bestOf({ columns, rows }) {
  const row = rows.find(({ platform }) => platform === ownPlatform()) ?? rows[0];
  const cells = row.wide ? [row.wide] : columns.flatMap((key) => row.cells.get(key) ?? []);
  const builds = cells.flatMap((cell) => cell.builds);
  return builds.find(({ yankedReason }) => yankedReason === null) ?? builds[0];
}

const MOST = 8;
const KEYS = [{ key: "← ↑ ↓ →", label: "go through the builds" }];
const STEPS = /** @type {Record<string, [down: number, across: number]>} */ ({
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
});

/**
 * @param {{
 *   version: string, grid: Grid, chosen: Cell | null,
 *   onChoose: (build: Build) => void,
 * }} props
 */
export function BuildGrid({ version, grid, chosen, onChoose }) {
  const [isWhole, setWhole] = useState(false);
  /** @type {{ current: HTMLElement | null }} */
  const box = useRef(null);
  useEffect(() => addShortcuts(KEYS), []);
  const isChosenOlder = chosen && grid.columns.indexOf(chosen.key) >= MOST;
  const columns = isWhole || isChosenOlder ? grid.columns : grid.columns.slice(0, MOST);
  const hidden = grid.columns.length - columns.length;
  const isHere = (/** @type {Cell | null | undefined} */ cell) => Boolean(chosen) && cell === chosen;
  return html`
    <div class="gridbox" ref=${box} tabindex="0" role="region" aria-label="Builds of ${version} by platform and variant" onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, box.current)}>
      <table class="grid">
        ${columns.some(Boolean) && html`<thead>${titlesOf(columns).map((row, place) => html`<tr>
          <td class="axis">${place ? "" : columns.some(pythonWord) && "Python"}</td>
          ${row.map(({ text, span, keys }) => html`<th scope=${span > 1 ? "colgroup" : "col"} colspan=${span} class=${chosen && keys.includes(chosen.key) ? "here" : ""}>${text}</th>`)}
        </tr>`)}</thead>`}
        <tbody>${grid.rows.map((row) => html`<tr key=${row.platform}>
          <th scope="row" class=${chosen && (row.wide === chosen || [...row.cells.values()].includes(chosen)) ? "here" : ""}>${row.platform}</th>
          ${row.wide
            ? html`<td colspan=${columns.length}><${CellButton} cell=${row.wide} platform="noarch" isChosen=${isHere(row.wide)} onChoose=${onChoose} /></td>`
            : columns.map((key) => html`<td key=${key}><${CellButton} cell=${row.cells.get(key)} platform=${row.platform} isChosen=${isHere(row.cells.get(key))} onChoose=${onChoose} /></td>`)}
        </tr>`)}</tbody>
      </table>
    </div>
    ${hidden > 0 && html`<p><button type="button" class="quiet" onClick=${() => setWhole(true)}>Show ${hidden} older</button></p>`}`;
}

/** "py313 cuda126" → "py313". @param {string} key */
const pythonWord = (key) => /\bpy\d+\b/.exec(key)?.[0] ?? "";

/** "py313" → "3.13". @param {string} word */
const pythonVersion = (word) => word.replace(/^py(\d)(\d*)$/, (_, major, minor) => (minor ? `${major}.${minor}` : major));

/** What the columns are called by people: "Python 3.13 cuda126". @param {string} key */
const spoken = (key) => key.replace(/\bpy\d+\b/, (word) => `Python ${pythonVersion(word)}`);

/**
 * The rows of titles: the Pythons, each over its variants where there are any.
 * @param {readonly string[]} columns
 * @returns {{ text: string, span: number, keys: string[] }[][]}
 */
function titlesOf(columns) {
  /** @type {{ text: string, span: number, keys: string[] }[]} */
  const pythons = [];
  for (const key of columns) {
    const text = pythonVersion(pythonWord(key)) || "any";
    const last = pythons.at(-1);
    if (last?.text === text) last.span = last.keys.push(key);
    else pythons.push({ text, span: 1, keys: [key] });
  }
  const variants = columns.map((key) => ({ text: key.replace(pythonWord(key), "").trim(), span: 1, keys: [key] }));
  if (!columns.some(pythonWord)) return [variants.map((title) => ({ ...title, text: title.text || "other" }))];
  return variants.some(({ text }) => text) ? [pythons, variants] : [pythons];
}

/** @param {{ cell: Cell | undefined, platform: string, isChosen: boolean, onChoose: (build: any) => void }} props */
function CellButton({ cell, platform, isChosen, onChoose }) {
  if (!cell) return html`<span class="cell none"><span class="hidden">no build</span></span>`;
  const [build] = cell.builds;
  const strings = new Set(cell.builds.map(({ buildString }) => buildString)).size;
  const isGone = cell.builds.every(({ yankedReason }) => yankedReason !== null);
  const said = strings > 1 ? `${strings} builds` : `build ${build.buildNumber}`;
  return html`<button type="button" class="cell ${isGone ? "gone" : ""}" aria-pressed=${isChosen} tabindex=${isChosen ? 0 : -1}
    aria-label=${[said, "for", platform, spoken(cell.key), isGone && "withdrawn"].filter(Boolean).join(" ")}
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
 * @param {{ cell: Cell, chosen: Build, onChoose: (build: any) => void }} props
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
