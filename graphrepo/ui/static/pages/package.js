// A package: how to install it, its builds as a grid, its releases.

import { bestOf, cellOf, gridOf, idOf, isPrerelease } from "../lib/builds.js";
import { bytes, path, several } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { go, query, setQuery, useTitle } from "../lib/router.js";
import { useAnswer } from "../lib/store.js";
import { BuildPanel, VARIANT } from "../ui/build.js";
import { Commands } from "../ui/command.js";
import { Curation } from "../ui/curation.js";
import { BuildGrid, Siblings } from "../ui/grid.js";
import { Missing, Notice, Region } from "../ui/notices.js";
import { About } from "../ui/about.js";
import { latestOf, ReleaseSpine, releasesOf } from "../ui/spine.js";
import { setUp } from "../ui/setup_lines.js";
import { Crumbs } from "../ui/tabs.js";

const PACKAGE = `query Package($channel: String!, $name: String!) {
  package(channelName: $channel, name: $name) {
    name summary description totalSize platforms urls { url kind }
    channel { name isPublic baseUrl viewerRole }
    latestVersion { version }
    versions(limit: 500) { page { version } totalCount }
    variants(limit: 500) { page { version createdAt yankedReason } totalCount }
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
  const builds = useAnswer(BUILDS, { channel, name, version }, { isWanted: Boolean(version) });
  useTitle(wanted ? `${name} ${wanted}` : name, channel);
  if (found === null) return html`<${Missing} />`;
  if (found && wanted && builds.data?.package && !builds.isStale && !builds.data.package.variants.page.length) return html`<${NoVersion} channel=${channel} name=${name} version=${wanted} />`;
  const again = (/** @type {boolean} */ isDeleted) => {
    if (isDeleted) go(path("channels", channel, "packages", name), { replace: true });
    answer.again();
    builds.again();
  };
  return html`<div class="page">
    <div class="stack">
      <${Crumbs} channel=${channel} />
      <h1>${name} ${version && html`<span class="version">${version}</span>`}</h1>
      ${found?.summary && html`<p class="lead">${found.summary}</p>`}
    </div>
    <${Region} answer=${answer}>${() => html`<div class="split">
      <div class="stack wide">
        <${Install} found=${found} version=${version} latest=${latest} isPinned=${Boolean(wanted)} />
        <${Region} answer=${builds}>${(/** @type {any} */ data) => html`<${Builds} found=${found} version=${version} builds=${data.package?.variants.page ?? []} again=${again} />`}</${Region}>
        ${found.description && html`<section class="stack"><h2>Description</h2><p class="prose">${found.description}</p></section>`}
      </div>
      <aside class="stack wide">
        <${ReleaseSpine} channel=${channel} name=${name} chosen=${version} total=${found.versions.totalCount} releases=${releases} />
        <${About} found=${found} />
      </aside>
    </div>`}</${Region}>
  </div>`;
}

/**
 * Installers take the highest version, unfinished or not: where that is another one than is shown,
 * the command names the one that is.
 * @param {{ found: any, version: string, latest: string, isPinned: boolean }} props
 */
function Install({ found, version, latest, isPinned }) {
  const { name, channel, latestVersion } = found;
  const isNamed = isPinned || version !== latestVersion.version;
  return html`<section class="stack" aria-label="Install">
    <${Commands} label="Install" choices=${setUp(channel, isNamed ? `${name}==${version}` : name)} />
    ${version !== latest && html`<${Notice} kind="warn"><p>The latest release is <a href=${path("channels", channel.name, "packages", name)}>${latest}</a>.</p></${Notice}>`}
    ${isPrerelease(version) && html`<${Notice}><p>${version} is a pre-release.</p></${Notice}>`}
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
  const curation = { channel: channel.name, role: channel.viewerRole, name, onDone: again };
  return html`<section class="stack" aria-labelledby="builds">
    <div class="heading"><h2 id="builds">Builds of ${version}</h2>
      <a class="end muted" href=${path("channels", channel.name, "packages", name, "files")}>All files</a></div>
    ${builds.length > 1 && html`<${BuildGrid} version=${version} grid=${grid} chosen=${cell} onChoose=${choose} />`}
    ${cell && builds.length > 1 && html`<${Siblings} cell=${cell} chosen=${chosen} onChoose=${choose} />`}
    <${Chosen} channel=${channel.name} name=${name} build=${chosen}>
      <${Curation} ...${curation} what="this file" files=${[chosen]} />
    </${Chosen}>
    ${builds.length > 1 && html`<${Curation} ...${curation} what="all of ${version}" files=${builds} />`}
    <p class="muted">${several(builds.length, "file")}, ${bytes(builds.reduce((sum, { size }) => sum + size, 0))} together</p>
  </section>`;
}

/** @param {{ channel: string, name: string, build: any, children?: any }} props */
function Chosen({ channel, name, build, children }) {
  const answer = useAnswer(VARIANT, { channel, package: name, platform: build.platform, file: build.filename });
  return html`<div class="chosen"><${Region} answer=${answer}>${(/** @type {any} */ { variant }) => variant && html`
    <${BuildPanel} variant=${variant} channel=${channel} />${children}`}</${Region}></div>`;
}

/** @param {{ channel: string, name: string, version: string }} props */
const NoVersion = ({ channel, name, version }) => html`<div class="page narrow">
  <h1>${name} has no release ${version}</h1>
  <p>It may have been deleted. See <a href=${path("channels", channel, "packages", name)}>its latest release</a>.</p>
</div>`;
