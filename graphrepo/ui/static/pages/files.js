// Every file of a package as a flat table, for those who need it.

import { bytes, Bytes, Name, path, Pill, several, Time } from "../lib/facts.js";
import { query, setQuery, useTitle } from "../lib/navigation.js";
import { html, useEffect, useState } from "../lib/preact.js";
import { useAnswer } from "../lib/server.js";
import { idOf } from "../ui/builds.js";
import { FilterField, Select } from "../ui/forms.js";
import { fieldOrder, pageNumber, Pages, Table } from "../ui/lists.js";
import { Crumbs, Empty, MayCurate, mayUpload, Missing, Region } from "../ui/parts.js";

const SIZE = 100;
const FILES = `query Files($channel: String!, $name: String!, $version: String, $platform: String, $buildString: String,
    $orderBy: PackageVariantOrderBy, $limit: Int, $page: Int) {
  package(channelName: $channel, name: $name) {
    name platforms channel { name viewerRole } versions(limit: 500) { page { version } }
    variants(version: $version, platform: $platform, buildString: $buildString, orderBy: $orderBy, limit: $limit, page: $page) {
      page { filename version platform buildString buildNumber size createdAt yankedReason downloadUrl } current pages totalCount
    }
  }
}`;
const ORDERS = { uploaded: "CREATED_AT", size: "SIZE" };

/** @param {{ params: { channel: string, name: string } }} props */
export default function Files({ params: { channel, name } }) {
  const [version, platform, build] = [query("version"), query("platform"), query("build")];
  const answer = useAnswer(FILES, {
    channel, name, version: version || null, platform: platform || null, buildString: build || null,
    orderBy: fieldOrder(query("sort"), ORDERS), limit: SIZE, page: pageNumber(),
  });
  useTitle(`Files of ${name}`, channel);
  const found = answer.data?.package;
  if (found === null) return html`<${Missing} />`;
  return html`<div class="page">
    <div class="stack">
      <${Crumbs} channel=${channel}><a href=${path("channels", channel, "packages", name)}>${name}</a></${Crumbs}>
      <div class="heading"><h1>Files of <${Name} of=${name} /></h1><span class="count end">${found ? several(found.variants.totalCount, "file") : ""}</span></div>
    </div>
    <${Region} answer=${answer}>${() => html`
      <div class="filters">
        <${Choice} label="Version" name="version" value=${version} of=${found.versions.page.map((/** @type {any} */ item) => item.version)} />
        <${Choice} label="Platform" name="platform" value=${platform} of=${found.platforms} />
        <${FilterField} name="build" label="Build string" />
      </div>
      <${List} found=${found} again=${answer.again} />`}</${Region}>
  </div>`;
}

/** @param {{ label: string, name: string, value: string, of: readonly string[] }} props */
const Choice = ({ label, name, value, of }) => html`<${Select} label=${label} value=${value} options=${[["", "all"], ...of.map((word) => [word, word])]}
  onChange=${(/** @type {any} */ event) => setQuery({ [name]: event.currentTarget.value, page: null })} />`;

/** @param {{ found: any, again: () => Promise<void> }} props */
function List({ found, again }) {
  const { channel, variants } = found;
  const [marked, setMarked] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const shown = variants.page.map(idOf).join(" ");
  // What is not on the page is not marked: nobody deletes what they do not see.
  useEffect(() => setMarked(new Set()), [shown]);
  if (!variants.totalCount) return html`<${Empty}><p>No file is like that. <a href=${path("channels", channel.name, "packages", found.name, "files")}>Show all files</a>.</p></${Empty}>`;
  const mark = (/** @type {readonly any[]} */ files, /** @type {boolean} */ isMarked) => {
    const own = files.map(idOf);
    setMarked(new Set(isMarked ? [...marked, ...own] : [...marked].filter((id) => !own.includes(id))));
  };
  const isCurator = mayUpload(channel.viewerRole);
  const box = (/** @type {readonly any[]} */ files, /** @type {string} */ what) => isCurator && html`<${Mark} files=${files} what=${what} marked=${marked} onMark=${mark} />`;
  const files = variants.page.filter((/** @type {any} */ file) => marked.has(idOf(file)));
  const sort = query("sort");
  return html`
    <${Table} label="Files" rows=${variants.page} keyOf=${idOf} sort=${sort} groups=${sort ? undefined : releases(found, box)}
      columns=${isCurator ? [marks(variants.page, box), ...COLUMNS] : COLUMNS} />
    <${Pages} ...${variants} size=${SIZE} total=${variants.totalCount} noun="file" />
    ${files.length > 0 && html`<div class="marked">
      <p role="status">${several(files.length, "file")} marked</p>
      <${MayCurate} channel=${channel.name} role=${channel.viewerRole} name=${found.name} what="the marked files" files=${files} onDone=${again} />
    </div>`}`;
}

/** Draws the box that marks files. @typedef {(files: readonly any[], what: string) => any} Box */

/** @param {{ files: readonly any[], what: string, marked: ReadonlySet<string>, onMark: (files: readonly any[], isMarked: boolean) => void }} props */
function Mark({ files, what, marked, onMark }) {
  const number = files.filter((file) => marked.has(idOf(file))).length;
  return html`<input type="checkbox" aria-label="Mark ${what}" checked=${number === files.length} indeterminate=${number > 0 && number < files.length}
    onChange=${(/** @type {any} */ event) => onMark(files, event.currentTarget.checked)} />`;
}

/** The files of each release under its number, in their order. @param {any} found @param {Box} box @returns {import("../ui/lists.js").Group[]} */
const releases = ({ name, channel, variants }, box) => [...Map.groupBy(variants.page, (/** @type {any} */ file) => file.version)].map(([version, rows]) => ({
  key: version, rows,
  title: html`<span class="release">${box(rows, `all of ${version}`)}<a class="mono" href=${path("channels", channel.name, "packages", name, version)}>${version}</a>
    <span class="muted">${several(rows.length, "file")}, ${bytes(rows.reduce((sum, { size }) => sum + size, 0))}</span></span>`,
}));

/** @param {readonly any[]} files @param {Box} box */
const marks = (files, box) => ({ title: box(files, "all on this page"), kind: "mark-cell", cell: (/** @type {any} */ file) => box([file], file.filename) });

/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  {
    title: "File", kind: "main",
    cell: ({ filename, buildString, downloadUrl, yankedReason }) => {
      const place = filename.lastIndexOf(buildString);
      return html`<a class="mono" href=${downloadUrl} download="" aria-label=${filename}><span class="stem">${filename.slice(0, place)}</span>${filename.slice(place)}</a>
        ${yankedReason !== null && html` <${Pill} kind="bad">withdrawn</${Pill}><span class="note">${yankedReason}</span>`}`;
    },
  },
  { title: "Platform", cell: ({ platform }) => platform },
  { title: "Size", kind: "number", sort: "size", isFalling: true, cell: ({ size }) => html`<${Bytes} of=${size} />` },
  { title: "Uploaded", kind: "faint", sort: "uploaded", isFalling: true, cell: ({ createdAt }) => html`<${Time} of=${createdAt} />` },
];
