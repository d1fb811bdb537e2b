// What a package says of itself: addresses, size, description.

import { bytes } from "../lib/format.js";
import { html } from "../lib/preact.js";

const KINDS = /** @type {Record<string, string>} */ ({ HOME: "Home", DOC: "Documentation", DEV: "Development", SOURCE: "Source", FEEDSTOCK: "Recipe" });

/** A link out, only where the address is one that a browser should follow. @param {{ to: string }} props */
export function Outward({ to }) {
  const url = URL.canParse(to) ? new URL(to) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return to;
  return html`<a href=${url.href} rel="noreferrer nofollow">${url.host}${url.pathname === "/" ? "" : url.pathname}</a>`;
}

/** @param {{ found: { urls: readonly { url: string, kind: string }[], totalSize: number, platforms: readonly string[], variants: { totalCount: number } } }} props */
export const About = ({ found: { urls, totalSize, platforms } }) => html`<section class="stack"><h2>About</h2>
  <dl class="facts">
    ${urls.map(({ url, kind }) => html`<div key=${kind + url}><dt>${KINDS[kind] ?? "Link"}</dt><dd><${Outward} to=${url} /></dd></div>`)}
    <div><dt>Platforms</dt><dd>${platforms.join(", ")}</dd></div>
    <div><dt>All files</dt><dd>${bytes(totalSize)}</dd></div>
  </dl>
</section>`;
