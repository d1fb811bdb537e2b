// One file of a package: what it is, what it needs, where it comes from.

import { bytes, count, path } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { CopyButton } from "./command.js";
import { Time } from "./facts.js";
import { Notice } from "./notices.js";

export const VARIANT = `query Variant($channel: String!, $package: String!, $platform: String!, $file: String!) {
  variant(channelName: $channel, packageName: $package, platformName: $platform, fileName: $file) {
    filename platform version buildString buildNumber size md5 sha256 blake3 license createdAt yankedReason hidden
    rawIndex rawAbout rawRunExports repoDataPatches downloadUrl
    dependencies { spec name package { name } } uploader { login }
  }
}`;

/** @typedef {{ spec: string, name: string, package: { name: string } | null }} Dependency */

/** @param {{ variant: any, channel: string }} props */
export function BuildPanel({ variant, channel }) {
  const { constrains = [] } = variant.rawIndex ?? {};
  return html`<article class="panel stack" aria-label=${variant.filename}>
    ${variant.yankedReason !== null && html`<${Notice} kind="bad"><p>Withdrawn: ${variant.yankedReason}</p></${Notice}>`}
    <dl class="facts">
      <div><dt>File</dt><dd><a class="mono" href=${variant.downloadUrl} download="">${variant.filename}</a></dd></div>
      <div><dt>Size</dt><dd title="${count(variant.size)} bytes">${bytes(variant.size)}</dd></div>
      <div><dt>Build</dt><dd><span class="mono">${variant.buildString}</span>, number ${variant.buildNumber}, ${variant.platform}</dd></div>
      <div><dt>Uploaded</dt><dd><${Time} of=${variant.createdAt} />${variant.uploader ? ` by ${variant.uploader.login}` : ""}</dd></div>
      ${variant.license && html`<div><dt>Licence</dt><dd>${variant.license}</dd></div>`}
      <${Hash} name="SHA-256" value=${variant.sha256} />
      <${Hash} name="MD5" value=${variant.md5} />
      <${Hash} name="BLAKE3" value=${variant.blake3} />
      <div><dt>Needs</dt><dd><${Needs} channel=${channel} dependencies=${variant.dependencies} /></dd></div>
      ${constrains.length > 0 && html`<div><dt>Constrains</dt><dd><${Specs} specs=${constrains} /></dd></div>`}
      <${RunExports} value=${variant.rawRunExports} />
    </dl>
    <p class="actions"><a class="button" href=${variant.downloadUrl} download="">Download</a></p>
    <${Metadata} variant=${variant} />
  </article>`;
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
  return html`<div><dt>Run exports</dt><dd>${kinds.map(([kind, specs]) => html`<div key=${kind}><span class="muted">${kind.replaceAll("_", " ")}</span> <${Specs} specs=${specs} /></div>`)}</dd></div>`;
}

/** @param {{ variant: any }} props */
function Metadata({ variant: { rawIndex, rawAbout, repoDataPatches } }) {
  const files = [["index.json", rawIndex], ["about.json", rawAbout], ["patched in the index", repoDataPatches]].filter(([, value]) => value);
  return html`<details><summary>Metadata</summary>
    ${files.map(([name, value]) => html`<h3 key=${name}>${name}</h3><pre class="json" tabindex="0" role="group" aria-label=${name}>${JSON.stringify(value, null, 2)}</pre>`)}
  </details>`;
}
