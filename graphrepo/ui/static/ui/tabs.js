// The parts of a channel as text tabs.

import { path } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { address, useModule } from "../lib/router.js";
import { session } from "../lib/store.js";
import { Mark } from "./facts.js";

/**
 * @typedef {"OWNER" | "CONTRIBUTOR" | "VIEWER" | "MEMBER" | null | undefined} Role
 */

/** Administrators act as owners. @param {Role} role */
export const mayManage = (role) => role === "OWNER" || Boolean(session.value.viewer?.isAdmin);

/** @param {Role} role */
export const mayUpload = (role) => role === "CONTRIBUTOR" || mayManage(role);

/**
 * What those who may do to files, see curation.js; nobody else loads it.
 * @param {Record<string, any> & { role: Role }} props
 */
export function MayCurate(props) {
  const module = useModule(() => import("./curation.js"), mayUpload(props.role));
  return module ? html`<${module.Curation} ...${props} />` : null;
}

/** @param {{ channel: string, role: Role }} props */
export function ChannelTabs({ channel, role }) {
  const tabs = [
    { word: "Packages", href: path("channels", channel), isShown: true },
    { word: "Upload", href: path("channels", channel, "upload"), isShown: mayUpload(role) },
    { word: "Members", href: path("channels", channel, "members"), isShown: mayManage(role) },
    { word: "Settings", href: path("channels", channel, "settings"), isShown: mayManage(role) },
  ].filter(({ isShown }) => isShown);
  if (tabs.length === 1) return null;
  const here = address.value.pathname.replace(/\/$/, "");
  return html`<nav class="tabs" aria-label=${channel}>
    ${tabs.map(({ word, href }) => html`<a href=${href} aria-current=${here === href ? "page" : undefined}>${word}</a>`)}
  </nav>`;
}

/** The way back up: the channels, the channel. @param {{ channel: string, children?: any }} props */
export const Crumbs = ({ channel, children }) => html`<p class="crumbs">
  <a href="/channels">Channels</a><span aria-hidden="true">/</span>
  <span><${Mark} name=${channel} /><a href=${path("channels", channel)}>${channel}</a></span>
  ${children && html`<span aria-hidden="true">/</span>${children}`}
</p>`;
