// All channels that the viewer may read.

import { Bytes, Mark, path, several, Time, Visibility } from "../lib/facts.js";
import { query, useTitle } from "../lib/navigation.js";
import { html } from "../lib/preact.js";
import { isSignedIn, session, useAnswer } from "../lib/server.js";
import { CHANNEL_FIELDS, counted, fieldOrder, pageNumber, Pages, SearchBox, Table, Toggles, useFound } from "../ui/lists.js";
import { Empty, Region } from "../ui/parts.js";

const SIZE = 50;
const CHANNELS = `query Channels($filters: ChannelFilter, $orderBy: ChannelOrderBy, $limit: Int, $page: Int) {
  channels(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
    page { name description isPublic size updatedAt viewerRole packages(limit: 1) { totalCount } } current pages totalCount
  }
}`;
const MINE = `query MyChannels($filters: ChannelFilter, $orderBy: ChannelOrderBy, $limit: Int, $page: Int) {
  viewer {
    channels(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
      page { name description isPublic size updatedAt viewerRole packages(limit: 1) { totalCount } } current pages totalCount
    }
  }
}`;
const NOBODYS = { page: [], current: 0, pages: 1, totalCount: 0 };

const ROLES = /** @type {Record<string, string>} */ ({ OWNER: "owner", CONTRIBUTOR: "contributor", VIEWER: "member" });
const KINDS = /** @type {const} */ ([["", "All"], ["mine", "Mine"], ["public", "Public"], ["private", "Private"]]);

/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  {
    title: "Name", kind: "main", sort: "name",
    cell: ({ name, description, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}
      <${Visibility} isPublic=${isPublic} />
      ${description && html`<span class="note">${description}</span>`}`,
  },
  { title: "Packages", kind: "number", sort: "packages", isFalling: true, cell: ({ packages }) => counted(packages.totalCount, "package") },
  { title: "Size", kind: "number", sort: "size", isFalling: true, cell: ({ size }) => html`<${Bytes} of=${size} />` },
  { title: "You", kind: "faint", cell: ({ viewerRole }) => ROLES[viewerRole] },
  { title: "Changed", kind: "faint", cell: ({ updatedAt }) => html`<span class="label">changed </span><${Time} of=${updatedAt} />` },
];

/** @param {string} kind @param {string} q */
function filters(kind, q) {
  const name = q && { name: { contains: q.toLowerCase() } };
  const visible = kind === "public" || kind === "private" ? { isPublic: kind === "public" } : null;
  return name || visible ? { ...name, ...visible } : null;
}

export default function Channels() {
  useTitle("Channels");
  const [kind, q, sort] = [query("show"), query("q"), query("sort") || "name"];
  const variables = { filters: filters(kind, q), orderBy: fieldOrder(sort, CHANNEL_FIELDS), limit: SIZE, page: pageNumber() };
  const answer = useAnswer(kind === "mine" ? MINE : CHANNELS, variables);
  const found = answer.data && (answer.data.channels ?? answer.data.viewer?.channels ?? NOBODYS);
  useFound(found?.totalCount, "channel", answer.isStale);
  return html`<div class="page">
    <div class="heading"><h1>Channels</h1>
      <span class="count end">${found ? several(found.totalCount, "channel") : ""}</span>
      ${isSignedIn() && html`<a class="button" href="/account/new-channel">New channel</a>`}</div>
    <${SearchBox} label="Search channels" placeholder="Channel name" />
    ${isSignedIn() && html`<${Toggles} label="Which channels" name="show" choices=${KINDS} />`}
    <${Region} answer=${answer}>${() => (
      found.totalCount
        ? html`<${Table} label="Channels" columns=${COLUMNS} rows=${found.page} sort=${sort} />
          <${Pages} ...${found} size=${SIZE} total=${found.totalCount} noun="channel" />`
        : html`<${None} isFiltered=${Boolean(q || kind)} />`
    )}</${Region}>
  </div>`;
}

/** @param {{ isFiltered: boolean }} props */
function None({ isFiltered }) {
  const { viewer } = session.value;
  if (isFiltered) return html`<${Empty}><p>No channel is like that. <a href="/channels">Show all channels</a>.</p></${Empty}>`;
  return html`<${Empty}><p>There is no channel here yet${viewer ? ". Create the first one." : " that you may see without signing in."}</p></${Empty}>`;
}
