// What a build string says, and which of a release's files stand in which cell of its grid.

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

/** Whether a version names itself unfinished: 1.0rc1, 2.0.dev3, 3.0.0-beta. @param {string} version */
export const isPrerelease = (version) => /\d(?:a|b|c|rc)\d+|(?:^|[\d._])(?:alpha|beta|dev|pre|rc)/i.test(version);
