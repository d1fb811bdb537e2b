// Search over every package that the viewer may read.

import { COMMON, Mark, path, several, Visibility } from "../lib/facts.js";
import { query, setQuery, useTitle } from "../lib/navigation.js";
import { html } from "../lib/preact.js";
import { session, useAnswer } from "../lib/server.js";
import { nameLike, orderOf, PackageTable, PAGE_SIZE, pageNumber, Pages, SearchBox, Toggles, useFound } from "../ui/lists.js";
import { CommandBox, Empty, Region } from "../ui/parts.js";

const PACKAGES = `query Packages($filters: PackageFilter, $orderBy: PackageOrderBy, $limit: Int, $page: Int, $mine: Boolean!) {
  viewer @include(if: $mine) { channels(limit: 12) { page { name isPublic } totalCount } }
  packages(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
    page { name summary totalCount lastCreatedDate platforms channel { name } latestVersion { version } } current pages totalCount
  }
}`;
const ALIKE = `query Alike($orderBy: PackageOrderBy) {
  packages(orderBy: $orderBy, limit: 6) { page { name channel { name } similarityScore } }
}`;

const PLATFORMS = [["", "All platforms"], ...[...COMMON, "noarch"].map((name) => /** @type {const} */ ([name, name]))];

export default function Home() {
  const q = query("q");
  const sort = query("sort") || (q ? "" : "name");
  const [platform, channel] = [query("platform"), query("channel")];
  const variables = {
    filters: { ...nameLike(q), ...(channel && { channelName: { contains: channel.toLowerCase() } }), ...(platform && { platform }) },
    orderBy: orderOf(sort, q.toLowerCase()), limit: PAGE_SIZE, page: pageNumber(), mine: !q,
  };
  const answer = useAnswer(PACKAGES, variables);
  const total = answer.data?.packages.totalCount;
  useTitle(q && `“${q}”`, "Packages");
  useFound(total, "package", answer.isStale);
  return html`<div class="page">
    <div class="heading"><h1>Packages</h1>
      <span class="count end">${total === undefined ? "" : several(total, "package")}</span></div>
    <div class="stack"><${SearchBox} label="Search packages" placeholder="Package name" takesFocus=${true} />
      <${Toggles} label="Platform" name="platform" choices=${PLATFORMS}><${ChannelField} of=${channel} /></${Toggles}></div>
    ${!q && html`<${Mine} channels=${answer.data?.viewer?.channels} />`}
    <${Region} answer=${answer} label="Searching">${(/** @type {any} */ { packages }) => (
      packages.totalCount
        ? html`<${PackageTable} packages=${packages.page} sort=${sort} withChannel=${true} />
          <${Pages} ...${packages} size=${PAGE_SIZE} total=${packages.totalCount} noun="package" />`
        : q || platform || channel ? html`<${Nothing} q=${q} isNarrowed=${Boolean(platform || channel)} />` : html`<${Beginning} />`
    )}</${Region}>
  </div>`;
}

/** The viewer's own channels, one line. @param {{ channels: any }} props */
function Mine({ channels }) {
  if (!channels?.totalCount) return null;
  return html`<nav class="strip-links" aria-label="Your channels">
    <span class="muted">Your channels</span>
    ${channels.page.map((/** @type {any} */ { name, isPublic }) => html`<a href=${path("channels", name)} key=${name}><${Mark} name=${name} />${name}${" "}<${Visibility} isPublic=${isPublic} /></a>`)}
    ${channels.totalCount > channels.page.length && html`<a href="/channels?show=mine">all ${channels.totalCount}</a>`}
  </nav>`;
}

/** Narrows the list down to channels of such a name, once it is entered. @param {{ of: string }} props */
const ChannelField = ({ of }) => html`<label class="inline">Channel
  <input value=${of} autocomplete="off" autocapitalize="none" spellcheck=${false} placeholder="any"
    onChange=${(/** @type {any} */ event) => setQuery({ channel: event.currentTarget.value.trim(), page: null }, { push: true })} /></label>`;

/** Nothing is like that: what is spelled alike. @param {{ q: string, isNarrowed: boolean }} props */
function Nothing({ q, isNarrowed }) {
  const { data } = useAnswer(ALIKE, { orderBy: orderOf("", q.toLowerCase()) }, { isWanted: q !== "" && !isNarrowed });
  const alike = (data?.packages.page ?? []).filter((/** @type {any} */ item) => (item.similarityScore ?? 0) > 0);
  return html`<${Empty}>
    <p>${isNarrowed ? "No package is like that." : `Nothing here matches “${q}”.`} ${q ? "Check the spelling" : "Choose another platform or channel"}, or <a href="/">show all packages</a>.</p>
    ${alike.length > 0 && html`<p>Spelled alike: ${alike.map((/** @type {any} */ { name, channel }, /** @type {number} */ place) => html`${place ? ", " : ""}<a href=${path("channels", channel.name, "packages", name)}>${name}</a>`)}</p>`}
  </${Empty}>`;
}

/** The first minutes of a server. */
function Beginning() {
  const { viewer } = session.value;
  const url = location.origin;
  return html`<${Empty}>
    <p>There is no package here yet${viewer === null ? " that you may see without signing in" : ""}.</p>
    ${viewer && html`<p><a class="button" href="/account/new-channel">Create a channel</a></p>`}
    <h2>From the command line</h2>
    <ol class="steps">
      <li><p>Create a channel on the server.</p><${CommandBox} line="graphrepo channel create lab --owner ${viewer?.login ?? "you"}" label="the command that creates a channel" /></li>
      <li><p>Make a key for uploads.</p><${CommandBox} line="graphrepo key create ${viewer?.login ?? "you"} uploads" label="the command that makes a key" /></li>
      <li><p>Upload a package.</p><${CommandBox} line="graphrepo upload lab ./*.conda --url ${url}" label="the command that uploads" /></li>
    </ol>
  </${Empty}>`;
}
