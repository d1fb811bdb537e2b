// The releases of a package on one line, newest first.

import { isPrerelease } from "../lib/builds.js";
import { path, several } from "../lib/format.js";
import { html, useState } from "../lib/preact.js";
import { Pill, Time } from "./facts.js";

const STEP = 20;

/**
 * @typedef {{ version: string, builds: number, createdAt: string | null, isWithdrawn: boolean, reason: string }} Release
 *   `builds` is 0 and `createdAt` null where the release is too old to have been looked at
 */

/**
 * Put versions, in their order, together with what their files say.
 * @param {readonly { version: string }[]} versions
 * @param {readonly { version: string, createdAt: string, yankedReason: string | null }[]} files
 * @returns {Release[]}
 */
export function releasesOf(versions, files) {
  const known = Map.groupBy(files, ({ version }) => version);
  return versions.map(({ version }) => {
    const own = known.get(version) ?? [];
    return {
      version,
      builds: own.length,
      createdAt: own.map(({ createdAt }) => createdAt).sort()[0] ?? null,
      isWithdrawn: own.length > 0 && own.every(({ yankedReason }) => yankedReason !== null),
      reason: own[0]?.yankedReason ?? "",
    };
  });
}

/** The newest release that is finished and still offered, "" where there is none. @param {readonly Release[]} releases */
export const latestOf = (releases) => releases.find(({ version, isWithdrawn }) => !isWithdrawn && !isPrerelease(version))?.version ?? "";

/** @param {Release} a @param {Release} b */
const newestFirst = (a, b) => (b.createdAt ?? "").localeCompare(a.createdAt ?? "");

/**
 * @param {{ channel: string, name: string, releases: readonly Release[], chosen: string, total: number }} props
 */
export function ReleaseSpine({ channel, name, releases, chosen, total }) {
  const [withEarly, setEarly] = useState(false);
  const [byDate, setByDate] = useState(false);
  const [most, setMost] = useState(STEP);
  const early = releases.filter(({ version }) => isPrerelease(version) && version !== chosen);
  const isOnlyEarly = early.length === releases.length;
  const offered = withEarly || isOnlyEarly ? releases : releases.filter((release) => !early.includes(release));
  const shown = (byDate ? offered.toSorted(newestFirst) : offered).slice(0, most);
  return html`<section class="stack" aria-labelledby="releases">
    <div class="heading"><h2 id="releases">Releases</h2>
      ${releases.length > 1 && html`<button type="button" class="quiet end" onClick=${() => setByDate(!byDate)}>${byDate ? "By version" : "By date"}</button>`}</div>
    <ol class="spine">${shown.map((release) => html`<${Dot} key=${release.version} release=${release} chosen=${chosen} channel=${channel} name=${name} />`)}</ol>
    <div class="actions texts">
      ${offered.length > shown.length && html`<button type="button" class="quiet" onClick=${() => setMost(most + STEP)}>Older</button>`}
      ${early.length > 0 && !isOnlyEarly && html`<button type="button" class="quiet" onClick=${() => setEarly(!withEarly)}>${withEarly ? "Hide" : "Show"} ${several(early.length, "pre-release")}</button>`}
    </div>
    ${total > releases.length && most >= offered.length && html`<p class="muted">${several(total - releases.length, "older release")} are listed among <a href=${path("channels", channel, "packages", name, "files")}>all files</a>.</p>`}
  </section>`;
}

/** @param {{ release: Release, chosen: string, channel: string, name: string }} props */
function Dot({ release: { version, createdAt, builds, isWithdrawn, reason }, chosen, channel, name }) {
  const kind = isWithdrawn ? "withdrawn" : isPrerelease(version) ? "early" : "";
  return html`<li class=${kind}>
    <a class="mono" href=${path("channels", channel, "packages", name, version)} aria-current=${version === chosen ? "true" : undefined}>${version}</a>
    <span class="muted"><${Time} of=${createdAt} />${builds ? `, ${several(builds, "file")}` : ""}</span>
    ${kind === "early" && html`<${Pill}>pre-release</${Pill}>`}
    ${isWithdrawn && html`<${Pill} kind="bad" title=${reason}>withdrawn</${Pill}>`}
  </li>`;
}
