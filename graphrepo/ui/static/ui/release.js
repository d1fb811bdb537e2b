// One file of a package, its releases on one line, its downloads as bars.

import { Bytes, count, isPrerelease, month as nameOf, Name, path, Pill, several, Time } from "../lib/facts.js";
import { html, useState } from "../lib/preact.js";
import { CopyButton, Notice } from "./parts.js";

export const VARIANT = `query Variant($channel: String!, $package: String!, $platform: String!, $file: String!) {
  variant(channelName: $channel, packageName: $package, platformName: $platform, fileName: $file) {
    filename platform version buildString buildNumber size installedSize md5 sha256 blake3 license createdAt yankedReason hidden
    rawIndex rawAbout rawRunExports repoDataPatches downloadUrl
    dependencies { spec name package { name } } uploader { login }
  }
}`;

/** @typedef {{ spec: string, name: string, package: { name: string } | null }} Dependency */

/** @param {{ variant: any, channel: string, children?: any }} props `children` are what one may do to it */
export function BuildPanel({ variant, channel, children }) {
  const { constrains = [] } = variant.rawIndex ?? {};
  return html`<article class="panel stack" aria-label=${variant.filename}>
    ${variant.yankedReason !== null && html`<${Notice} kind="bad"><p>Withdrawn: ${variant.yankedReason}</p></${Notice}>`}
    <div class="line"><h3 class="mono"><${Name} of=${variant.filename} /></h3><a class="button" href=${variant.downloadUrl} download="">Download</a></div>
    <dl class="facts">
      <div><dt>Size</dt><dd><${Bytes} of=${variant.size} />${variant.installedSize !== null && html`, <${Bytes} of=${variant.installedSize} /> unpacked`}</dd></div>
      <div><dt>Build</dt><dd><span class="mono">${variant.buildString}</span>, number ${variant.buildNumber}, ${variant.platform}</dd></div>
      <div><dt>Uploaded</dt><dd><${Time} of=${variant.createdAt} />${variant.uploader ? ` by ${variant.uploader.login}` : ""}</dd></div>
      <${Maintainers} of=${variant.rawAbout?.extra?.["recipe-maintainers"]} />
      ${variant.license && html`<div><dt>Licence</dt><dd>${variant.license}</dd></div>`}
      <${Hash} name="SHA-256" value=${variant.sha256} />
      <${Hash} name="MD5" value=${variant.md5} />
      <${Hash} name="BLAKE3" value=${variant.blake3} />
      <div><dt>Needs</dt><dd><${Needs} channel=${channel} dependencies=${variant.dependencies} /></dd></div>
      ${constrains.length > 0 && html`<div><dt>Constrains</dt><dd><${Specs} specs=${constrains} /></dd></div>`}
      <${RunExports} value=${variant.rawRunExports} />
    </dl>
    <${Metadata} variant=${variant} />
    ${children}
  </article>`;
}

/** Whom the recipe names, in whatever shape. @param {{ of: unknown }} props */
function Maintainers({ of }) {
  const names = [of ?? []].flat().filter((name) => typeof name === "string");
  return names.length ? html`<div><dt>Maintainers</dt><dd>${names.join(", ")}</dd></div>` : null;
}

/** @param {{ name: string, value: string | null }} props */
function Hash({ name, value }) {
  if (!value) return null;
  return html`<div><dt>${name}</dt><dd class="hash"><code>${value}</code><${CopyButton} text=${value} label="the ${name}" /></dd></div>`;
}

/** Each a link where this channel has the package. @param {{ channel: string, dependencies: readonly Dependency[] }} props */
function Needs({ channel, dependencies }) {
  if (!dependencies.length) return "nothing else";
  return html`<ul class="specs mono">${dependencies.map(({ spec, name, package: found }) => html`<li key=${spec}>
    ${found ? html`<a href=${path("channels", channel, "packages", found.name)}>${name}</a>${spec.startsWith(name) ? spec.slice(name.length) : ` ${spec}`}` : spec}
  </li>`)}</ul>`;
}

/** @param {{ specs: readonly string[] }} props */
const Specs = ({ specs }) => html`<ul class="specs mono">${specs.map((spec) => html`<li key=${spec}>${spec}</li>`)}</ul>`;

/** What this file asks of packages built with it (CEP 12). @param {{ value: any }} props */
function RunExports({ value }) {
  const kinds = Object.entries(value ?? {}).filter(([, specs]) => Array.isArray(specs) && specs.length);
  if (!kinds.length) return null;
  return html`<div><dt>Run exports</dt><dd>${kinds.map(([kind, specs]) => html`<div class="kind" key=${kind}><span class="muted">${kind.replaceAll("_", " ")}</span><${Specs} specs=${specs} /></div>`)}</dd></div>`;
}

/** @param {{ variant: any }} props */
function Metadata({ variant: { rawIndex, rawAbout, repoDataPatches } }) {
  const files = [["index.json", rawIndex], ["about.json", rawAbout], ["patched in the index", repoDataPatches]].filter(([, value]) => value);
  return html`<details><summary>Metadata</summary>
    ${files.map(([name, value]) => html`<h3 key=${name}>${name}</h3><pre class="json" tabindex="0" role="group" aria-label=${name}>${JSON.stringify(value, null, 2)}</pre>`)}
  </details>`;
}

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
    ${kind === "early" && html`${" "}<${Pill}>pre-release</${Pill}>`}
    ${isWithdrawn && html`${" "}<${Pill} kind="bad">withdrawn</${Pill}>${reason && html`<span class="note">${reason}</span>`}`}
  </li>`;
}

const WIDTH = 300;
const HEIGHT = 64;
const GAP = 2;
const MONTHS = 12;

/** @typedef {{ month: string, count: number }} Month `month` is its first day */

/**
 * A year's months to this one; those without a figure as 0, or as the month before where it is one that stays.
 * @param {readonly Month[]} known oldest first
 * @param {{ now?: Date, isKept?: boolean }} [how]
 * @returns {Month[]}
 */
export function lastMonths(known, { now = new Date(), isKept = false } = {}) {
  return Array.from({ length: MONTHS }, (_, place) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + 1 + place, 1)).toISOString().slice(0, 10);
    const found = known.findLast((item) => (isKept ? item.month <= month : item.month === month));
    return { month, count: found?.count ?? 0 };
  });
}

/**
 * A figure for each month, the latest on the right; the bar under the pointer tells its month.
 * @param {{ months: readonly Month[], noun?: string, said?: (figure: number) => string }} props
 */
export function Bars({ months, noun = "Downloads", said = count }) {
  const [pointed, setPointed] = useState(-1);
  const most = Math.max(1, ...months.map((item) => item.count));
  const step = WIDTH / months.length;
  const shown = months[pointed] ?? months.at(-1);
  return html`<figure class="bars">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${noun} by month, ${several(months.length, "month")}" onMouseLeave=${() => setPointed(-1)}>
      ${months.map((item, place) => {
        const height = item.count ? Math.max(2, (item.count / most) * HEIGHT) : 1;
        return html`<g key=${item.month} onMouseEnter=${() => setPointed(place)}>
          <rect class="ground" x=${place * step} y="0" width=${step} height=${HEIGHT} />
          <rect class=${item === shown ? "bar now" : "bar"} x=${place * step + GAP / 2} y=${HEIGHT - height} width=${step - GAP} height=${height} rx="1" />
        </g>`;
      })}
    </svg>
    <figcaption class="muted">${shown ? `${nameOf(shown.month)}: ${said(shown.count)}` : ""}</figcaption>
    <details><summary class="muted">As a table</summary>
      <table><thead><tr><th scope="col">Month</th><th scope="col" class="number">${noun}</th></tr></thead>
        <tbody>${months.toReversed().map((item) => html`<tr key=${item.month}><td>${nameOf(item.month)}</td><td class="number">${said(item.count)}</td></tr>`)}</tbody></table>
    </details>
  </figure>`;
}
