// A channel: what it holds, and how to use it.

import { Bytes, Logo, Mark, Name, path, several, Time, Visibility, Words } from "../lib/facts.js";
import { query, useTitle } from "../lib/navigation.js";
import { html } from "../lib/preact.js";
import { useAnswer } from "../lib/server.js";
import { nameLike, orderOf, PackageTable, PAGE_SIZE, pageNumber, Pages, SearchBox, useFound } from "../ui/lists.js";
import { ChannelTabs, Commands, Empty, mayUpload, Missing, Region, setUp, uploading } from "../ui/parts.js";

const CHANNEL = `query Channel($name: String!, $filters: PackageFilter, $orderBy: PackageOrderBy, $limit: Int, $page: Int) {
  channel(name: $name) {
    name description logo isPublic baseUrl size updatedAt viewerRole
    subdirs { name artifactCount indexedAt }
    all: packages(orderBy: { byField: { field: LAST_CREATED_DATE, direction: DESC } }, limit: 5) { totalCount page { name lastCreatedDate } }
    packages(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
      page { name summary totalCount lastCreatedDate platforms channel { name } latestVersion { version } } current pages totalCount
    }
  }
}`;

/** @param {{ params: { channel: string } }} props */
export default function Channel({ params: { channel: name } }) {
  const q = query("q");
  const sort = query("sort") || (q ? "" : "name");
  useTitle(name);
  const answer = useAnswer(CHANNEL, {
    name, filters: nameLike(q),
    orderBy: orderOf(sort, q.toLowerCase()), limit: PAGE_SIZE, page: pageNumber(),
  });
  const channel = answer.data?.channel;
  useFound(channel?.packages.totalCount, "package", answer.isStale);
  if (channel === null) return html`<${Missing} />`;
  return html`<div class="page">
    <div class="heading"><${Logo} of=${channel?.logo} /><h1><${Mark} name=${name} />${name}</h1>
      ${channel && html`<${Visibility} isPublic=${channel.isPublic} />`}
      ${channel && mayUpload(channel.viewerRole) && html`<a class="button end" href=${path("channels", name, "upload")}>+ Add</a>`}</div>
    ${channel?.description && html`<p class="lead">${channel.description}</p>`}
    ${channel && html`<${ChannelTabs} channel=${name} role=${channel.viewerRole} />`}
    <${Region} answer=${answer}>${() => html`<${Contents} channel=${channel} sort=${sort} q=${q} />`}</${Region}>
  </div>`;
}

/** @param {{ channel: any, sort: string, q: string }} props */
function Contents({ channel, sort, q }) {
  const { packages, all } = channel;
  if (!all.totalCount) return html`<${Bare} channel=${channel} />`;
  return html`<div class="split">
    <div class="stack">
      <${Commands} label="Use this channel" choices=${setUp(channel, all.page[0].name)} />
      <div class="heading below"><h2>Packages</h2><span class="count end">${several(packages.totalCount, "package")}</span></div>
      <${SearchBox} label="Search in ${channel.name}" placeholder="Search in ${channel.name}" />
      ${packages.totalCount
        ? html`<${PackageTable} packages=${packages.page} sort=${sort} />
          <${Pages} ...${packages} size=${PAGE_SIZE} total=${packages.totalCount} noun="package" />`
        : html`<${Empty}><p>Nothing in ${channel.name} matches “${q}”. Check the spelling, or <a href=${path("channels", channel.name)}>show all ${several(all.totalCount, "package")}</a>.</p></${Empty}>`}
    </div>
    <aside class="stack wide"><${Latest} channel=${channel} /><${Facts} channel=${channel} /></aside>
  </div>`;
}

/** @param {{ channel: any }} props */
const Latest = ({ channel: { name, all } }) => html`<section class="stack"><h2>Latest uploads</h2>
  <ul class="latest">${all.page.map((/** @type {any} */ item) => html`<li key=${item.name}>
    <a href=${path("channels", name, "packages", item.name)}><${Name} of=${item.name} /></a> <span class="muted"><${Time} of=${item.lastCreatedDate} /></span></li>`)}</ul>
</section>`;

/** @param {{ channel: any }} props */
function Facts({ channel }) {
  const files = channel.subdirs.reduce((/** @type {number} */ sum, /** @type {any} */ subdir) => sum + subdir.artifactCount, 0);
  const full = channel.subdirs.filter((/** @type {any} */ subdir) => subdir.artifactCount);
  return html`<section class="stack"><h2>Contents</h2><dl class="facts">
    <div><dt>Files</dt><dd>${several(files, "file")}, <${Bytes} of=${channel.size} /></dd></div>
    ${full.length > 0 && html`<div><dt>Platforms</dt><dd><${Words} of=${full.map((/** @type {any} */ { name }) => name)} /></dd></div>`}
    <div><dt>Index</dt><dd>updated <${Time} of=${channel.subdirs.map((/** @type {any} */ { indexedAt }) => indexedAt ?? "").sort().at(-1)} /></dd></div>
  </dl></section>`;
}

/** @param {{ channel: any }} props */
const Bare = ({ channel }) => html`<${Empty}>
  <p>${channel.name} has no packages yet.</p>
  ${mayUpload(channel.viewerRole) && html`<p><a href=${path("channels", channel.name, "upload")}>Add the first packages</a>, or run a command such as the one below.</p>
    <${Commands} label="Upload" choices=${uploading(channel)} />`}
</${Empty}>`;
