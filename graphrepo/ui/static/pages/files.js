// Every file of a package as a flat table, for those who need it.

import { Bytes, path, Pill, several, Time } from "../lib/facts.js";
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
const ORDERS = { uploaded: "CREATED_AT", size: "SIZE", build: "BUILD_STRING" };

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
      <div class="heading"><h1>Files of ${name}</h1><span class="count end">${found ? several(found.variants.totalCount, "file") : ""}</span></div>
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
  const files = variants.page.filter((/** @type {any} */ file) => marked.has(idOf(file)));
  const mark = (/** @type {string} */ id, /** @type {boolean} */ isMarked) => setMarked(new Set(isMarked ? [...marked, id] : [...marked].filter((other) => other !== id)));
  const markAll = () => setMarked(new Set(files.length === variants.page.length ? [] : variants.page.map(idOf)));
  const isCurator = mayUpload(channel.viewerRole);
  return html`
    ${isCurator && html`<div class="marked">
      <button type="button" class="quiet" onClick=${markAll}>${files.length === variants.page.length ? "Mark none" : "Mark all on this page"}</button>
      <span class="muted" role="status">${files.length ? `${several(files.length, "file")} marked` : ""}</span>
      <${MayCurate} channel=${channel.name} role=${channel.viewerRole} name=${found.name} what="the marked files" files=${files} onDone=${again} />
    </div>`}
    <${Table} label="Files" rows=${variants.page} keyOf=${idOf} sort=${query("sort")} columns=${isCurator ? [marks(marked, mark), ...COLUMNS] : COLUMNS} />
    <${Pages} ...${variants} size=${SIZE} total=${variants.totalCount} noun="file" />`;
}

/** @param {ReadonlySet<string>} marked @param {(id: string, isMarked: boolean) => void} mark */
const marks = (marked, mark) => ({
  title: html`<span class="hidden">Marked</span>`, kind: "mark-cell",
  cell: (/** @type {any} */ file) => html`<input type="checkbox" aria-label="Mark ${file.filename}" checked=${marked.has(idOf(file))}
    onChange=${(/** @type {any} */ event) => mark(idOf(file), event.currentTarget.checked)} />`,
});

/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  {
    title: "File", kind: "main",
    cell: (file) => html`<a class="mono" href=${file.downloadUrl} download="">${file.filename}</a>
      ${file.yankedReason !== null && html` <${Pill} kind="bad">withdrawn</${Pill}><span class="note">${file.yankedReason}</span>`}`,
  },
  { title: "Platform", cell: ({ platform }) => platform },
  { title: "Build", kind: "mono", sort: "build", cell: ({ buildString }) => buildString },
  { title: "Size", kind: "number", sort: "size", isFalling: true, cell: ({ size }) => html`<${Bytes} of=${size} />` },
  { title: "Uploaded", kind: "faint", sort: "uploaded", isFalling: true, cell: ({ createdAt }) => html`<${Time} of=${createdAt} />` },
];
