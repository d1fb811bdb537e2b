// A package: how to install it, its builds as a grid, its releases.

import { bytes, count, isPrerelease, Name, path, several, Words } from "../lib/facts.js";
import { go, query, setQuery, useTitle } from "../lib/navigation.js";
import { html } from "../lib/preact.js";
import { useAnswer } from "../lib/server.js";
import { bestOf, BuildGrid, cellOf, gridOf, idOf, Siblings } from "../ui/builds.js";
import { Commands, Crumbs, MayCurate, Missing, Notice, Region, setUp } from "../ui/parts.js";
import { Bars, BuildPanel, lastMonths, latestOf, releasesOf, ReleaseSpine, VARIANT } from "../ui/release.js";

const PACKAGE = `query Package($channel: String!, $name: String!) {
  package(channelName: $channel, name: $name) {
    name summary description totalSize totalCount platforms urls { url kind } monthlyCount { counts { month count } }
    channel { name isPublic baseUrl viewerRole }
    latestVersion { version } dependents(limit: 10) { totalCount page { name } }
    versions(limit: 500) { page { version } totalCount }
    variants(limit: 500) {
      page { filename version platform buildString buildNumber size createdAt yankedReason hidden } totalCount
    }
  }
}`;
const BUILDS = `query Builds($channel: String!, $name: String!, $version: String!) {
  package(channelName: $channel, name: $name) {
    variants(version: $version, limit: 500) {
      page { filename version platform buildString buildNumber size createdAt yankedReason hidden }
    }
  }
}`;

/** @typedef {{ channel: string, name: string, version?: string }} Params */

/** @param {Params} params */
export const identity = ({ channel, name }) => `${channel}/${name}`;

/** @param {{ params: Params }} props */
export default function Package({ params: { channel, name, version: wanted } }) {
  const answer = useAnswer(PACKAGE, { channel, name });
  const found = answer.data?.package;
  const releases = found ? releasesOf(found.versions.page, found.variants.page) : [];
  const latest = latestOf(releases) || (found?.latestVersion.version ?? "");
  const version = wanted ?? latest;
  // Few packages have more files than one answer holds: then those of the release are asked for.
  const isWhole = found && found.variants.page.length === found.variants.totalCount;
  const rest = useAnswer(BUILDS, { channel, name, version }, { isWanted: Boolean(version) && found && !isWhole });
  const files = isWhole ? found.variants.page.filter((/** @type {any} */ file) => file.version === version) : rest.data?.package?.variants.page;
  useTitle(wanted ? `${name} ${wanted}` : name, channel);
  if (found === null) return html`<${Missing} />`;
  if (found && wanted && files && !files.length && !rest.isStale) return html`<${NoVersion} channel=${channel} name=${name} version=${wanted} />`;
  const again = (/** @type {boolean} */ isDeleted) => {
    if (isDeleted) go(path("channels", channel, "packages", name), { replace: true });
    answer.again();
    if (!isWhole) rest.again();
  };
  return html`<div class="page">
    <div class="stack">
      <${Crumbs} channel=${channel} />
      <h1><${Name} of=${name} /> ${version && html`<span class="version">${version}</span>`}</h1>
      ${found?.summary && html`<p class="lead">${found.summary}</p>`}
    </div>
    <${Region} answer=${answer}>${() => html`<div class="split">
      <div class="stack wide">
        <${Install} found=${found} release=${releases.find((known) => known.version === version)} version=${version} latest=${latest} isPinned=${Boolean(wanted)} />
        <${Region} answer=${isWhole ? answer : rest}>${() => html`<${Builds} found=${found} version=${version} builds=${files ?? []} again=${again} />`}</${Region}>
        ${found.description && html`<section class="stack"><h2>Description</h2><p class="prose">${found.description}</p></section>`}
      </div>
      <aside class="stack wide">
        <${ReleaseSpine} channel=${channel} name=${name} chosen=${version} total=${found.versions.totalCount} releases=${releases} />
        <${Downloads} found=${found} />
        <${UsedBy} found=${found} />
        <${About} found=${found} />
      </aside>
    </div>`}</${Region}>
  </div>`;
}

/**
 * Installers take the highest version, unfinished or not: where that is another one than is shown,
 * the command names the one that is.
 * @param {{ found: any, release: import("../ui/release.js").Release | undefined, version: string, latest: string, isPinned: boolean }} props
 */
function Install({ found, release, version, latest, isPinned }) {
  const { name, channel, latestVersion } = found;
  const isNamed = isPinned || version !== latestVersion.version;
  const state = release?.isWithdrawn ? "is withdrawn" : isPrerelease(version) ? "is a pre-release" : "";
  return html`<section class="stack" aria-label="Install">
    <${Commands} label="Install" choices=${setUp(channel, isNamed ? `${name}==${version}` : name)} />
    ${(state || version !== latest) && html`<${Notice} kind=${version === latest ? "" : "warn"}><p>${state && `${version} ${state}. `}${version !== latest
      && html`The latest release is <a href=${path("channels", channel.name, "packages", name)}>${latest}</a>.`}</p></${Notice}>`}
  </section>`;
}

/** @param {{ found: any }} props */
const Downloads = ({ found: { totalCount, monthlyCount } }) => html`<section class="stack">
  <div class="heading"><h2>Downloads</h2><span class="count end">${count(totalCount ?? 0)} in all</span></div>
  ${totalCount > 0 && html`<${Bars} months=${lastMonths(monthlyCount[0]?.counts ?? [])} />`}
</section>`;

/** Who in this channel depends on it, the first ten. @param {{ found: any }} props */
function UsedBy({ found: { channel, dependents: { totalCount, page } } }) {
  if (!totalCount) return null;
  return html`<section class="stack" aria-labelledby="used">
    <div class="heading"><h2 id="used">Used by</h2><span class="count end">${several(totalCount, "package")}</span></div>
    <ul class="specs">${page.map((/** @type {any} */ { name }) => html`<li key=${name}><a href=${path("channels", channel.name, "packages", name)}><${Name} of=${name} /></a></li>`)}
      ${totalCount > page.length && html`<li class="muted">and ${count(totalCount - page.length)} more</li>`}</ul>
  </section>`;
}

/** The grid and the chosen build. @param {{ found: any, version: string, builds: any[], again: (isDeleted: boolean) => void }} props */
function Builds({ found, version, builds, again }) {
  if (!builds.length) return null;
  const grid = gridOf(builds);
  const chosen = builds.find((build) => idOf(build) === query("build")) ?? bestOf(grid);
  const cell = cellOf(grid, chosen);
  const choose = (/** @type {any} */ build) => setQuery({ build: idOf(build) });
  const { channel, name } = found;
  const curation = { channel: channel.name, role: channel.viewerRole, name, users: found.dependents.totalCount, onDone: again };
  const isSingle = builds.length === 1;
  return html`<section class="stack" aria-labelledby="builds">
    <div class="heading"><h2 id="builds">Builds of ${version}</h2>
      <a class="end muted" href=${path("channels", channel.name, "packages", name, "files")}>All files</a></div>
    ${!isSingle && html`
      <${BuildGrid} version=${version} grid=${grid} chosen=${cell} onChoose=${choose} />
      <div class="line"><p class="muted">${several(builds.length, "file")}, ${bytes(builds.reduce((sum, { size }) => sum + size, 0))}. A cell shows its build number.</p>
        <${MayCurate} ...${curation} what="all of ${version}" files=${builds} /></div>
      ${cell && html`<${Siblings} cell=${cell} chosen=${chosen} onChoose=${choose} />`}`}
    <${Chosen} channel=${channel.name} name=${name} build=${chosen}>
      <${MayCurate} ...${curation} what="this file" files=${[chosen]} />
    </${Chosen}>
  </section>`;
}

/** @param {{ channel: string, name: string, build: any, children?: any }} props */
function Chosen({ channel, name, build, children }) {
  const answer = useAnswer(VARIANT, { channel, package: name, platform: build.platform, file: build.filename });
  return html`<div class="chosen"><${Region} answer=${answer}>${(/** @type {any} */ { variant }) => variant && html`
    <${BuildPanel} variant=${variant} channel=${channel}>${children}</${BuildPanel}>`}</${Region}></div>`;
}

/** @param {{ channel: string, name: string, version: string }} props */
const NoVersion = ({ channel, name, version }) => html`<div class="page narrow">
  <h1>${name} has no release ${version}</h1>
  <p>It may have been deleted. See <a href=${path("channels", channel, "packages", name)}>its latest release</a>.</p>
</div>`;

const KINDS = /** @type {Record<string, string>} */ ({ HOME: "Home", DOC: "Documentation", DEV: "Development", SOURCE: "Source", FEEDSTOCK: "Recipe" });

/** A link out, only where the address is one that a browser should follow. @param {{ to: string }} props */
function Outward({ to }) {
  const url = URL.canParse(to) ? new URL(to) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return to;
  return html`<a href=${url.href} title=${url.href} rel="noreferrer nofollow">${url.host}${url.pathname === "/" ? "" : url.pathname}</a>`;
}

/** @param {{ found: { urls: readonly { url: string, kind: string }[], totalSize: number, platforms: readonly string[], variants: { totalCount: number } } }} props */
const About = ({ found: { urls, totalSize, platforms } }) => html`<section class="stack"><h2>About</h2>
  <dl class="facts">
    ${urls.map(({ url, kind }) => html`<div key=${kind + url}><dt>${KINDS[kind] ?? "Link"}</dt><dd class="cut"><${Outward} to=${url} /></dd></div>`)}
    <div><dt>Platforms</dt><dd><${Words} of=${platforms} /></dd></div>
    <div><dt>Total size</dt><dd>${bytes(totalSize)}</dd></div>
  </dl>
</section>`;
