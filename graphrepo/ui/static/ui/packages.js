// The table of packages, as the search and a channel show it.

import { count, path } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { Mark, Platforms, Time } from "./facts.js";
import { Table } from "./table.js";

export const PAGE_SIZE = 60;

/** @typedef {import("./table.js").Column} Column */

/** @type {Column} */
const NAME = {
  title: "Name", kind: "main", sort: "name",
  cell: ({ name, summary, channel }) => html`
    <a href=${path("channels", channel.name, "packages", name)}>${name}</a>
    ${summary && html`<span class="note">${summary}</span>`}`,
};
/** @type {Column} */
const CHANNEL = { title: "Channel", cell: ({ channel }) => html`<span><${Mark} name=${channel.name} />${channel.name}</span>` };
/** @type {Column[]} */
const FACTS = [
  { title: "Latest", kind: "mono", cell: ({ latestVersion }) => latestVersion.version },
  { title: "Platforms", cell: ({ latestVersion }) => html`<${Platforms} of=${latestVersion.platforms} />` },
  { title: "Downloads", kind: "number roomy", cell: ({ totalCount }) => count(totalCount ?? 0) },
  { title: "Updated", kind: "faint", sort: "updated", isFalling: true, cell: ({ lastCreatedDate }) => html`<${Time} of=${lastCreatedDate} />` },
];

/**
 * Each package with its name, summary, totalCount, lastCreatedDate, channel's name, and latestVersion's version and platforms.
 * @param {{ packages: readonly any[], sort?: string, withChannel?: boolean }} props
 */
export function PackageTable({ packages, sort, withChannel = false }) {
  const columns = withChannel ? [NAME, CHANNEL, ...FACTS] : [NAME, ...FACTS];
  return html`<${Table} label="Packages" columns=${columns} rows=${packages} sort=${sort}
    keyOf=${(/** @type {any} */ item) => `${item.channel.name}/${item.name}`} />`;
}

const FIELDS = /** @type {Record<string, string>} */ ({ name: "NAME", updated: "LAST_CREATED_DATE" });

/**
 * The order that a word of `?sort=` asks for; while one searches, what is alike comes first.
 * @param {string} sort @param {string} q
 */
export function orderOf(sort, q) {
  const field = FIELDS[sort.replace("-", "")];
  if (field) return { byField: { field, direction: sort.startsWith("-") ? "DESC" : "ASC" } };
  return q ? { bySimilarity: { field: "NAME", matches: q, direction: "DESC" } } : { byField: { field: "NAME", direction: "ASC" } };
}
