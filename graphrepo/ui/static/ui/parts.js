// What pages are made of: sentences in place of a region, the way back up, lines to copy.

import { Mark, path } from "../lib/facts.js";
import { address, announce, focusHeading, useModule, useTitle, useTitleInstead } from "../lib/navigation.js";
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { Failure, session, signInHref } from "../lib/server.js";

/** A sentence that stands out. @param {{ kind?: "bad" | "warn" | "ok" | "", children?: any }} props */
export const Notice = ({ kind = "", children }) =>
  html`<div class="notice ${kind}" role=${kind === "bad" ? "alert" : undefined}>${children}</div>`;

/** Nothing is here yet, and how to change that. @param {{ children?: any }} props */
export const Empty = ({ children }) => html`<div class="empty">${children}</div>`;

/** What the server or the network refused. @param {{ failure: Error, again?: () => void }} props */
export function Failed({ failure, again }) {
  if (!(failure instanceof Failure)) console.error(failure);
  const mustSignIn = failure instanceof Failure && failure.code === "not_authenticated";
  return html`<${Notice} kind="bad">
    <p>${failure.message}</p>
    ${mustSignIn && html`<a class="button quiet" href=${signInHref()}>Sign in</a>`}
    ${again && !mustSignIn && html`<button type="button" class="quiet" onClick=${again}>Try again</button>`}
  </${Notice}>`;
}

/**
 * A part of a page that waits for an answer: the content of before stays, a little fainter;
 * without one there is calm space, and after a while a word.
 * @param {{ answer: import("../lib/server.js").Answer, label?: string, children: (data: any) => any }} props
 */
export function Region({ answer, label = "Loading", children }) {
  const { data, failure, isStale, again } = answer;
  if (data === undefined && failure) return html`<${Failed} failure=${failure} again=${again} />`;
  if (data === undefined) return html`<div key="waiting" class="waiting" aria-busy="true"><p>${label}</p></div>`;
  return html`
    ${failure && html`<${Failed} failure=${failure} again=${again} />`}
    <div key="region" class="region ${isStale ? "stale" : ""}" aria-busy=${isStale}>${children(data)}</div>`;
}

/** A page that is not there. Private and missing read the same to those who may not know. */
export function Missing() {
  useTitleInstead("Not found");
  useEffect(focusHeading, []);
  return html`<div class="page narrow">
    <h1>There is no page here, or you may not see it</h1>
    <p>${!session.value.viewer && html`<a href=${signInHref()}>Sign in</a>${" or "}`}go to the <a href="/">packages</a>.</p>
  </div>`;
}

/** In place of a page for those who are signed in. @param {{ title: string, children?: any }} props */
export function SignInFirst({ title, children }) {
  useTitleInstead(title);
  return html`<div class="page narrow">
    <h1>${title}</h1>
    <p>${children}</p>
    <p><a class="button" href=${signInHref()}>Sign in</a></p>
  </div>`;
}

/**
 * In place of what the viewer may not do: who can change that. Only members see the members; everybody sees the owner.
 * @param {{ channel: { name: string, ownerLogin: string, channelMembers: readonly { username: string, isOwner: boolean }[] }, what: string }} props
 *   `what` follows "may"
 */
export function NotYours({ channel: { name, ownerLogin, channelMembers }, what }) {
  const { viewer } = session.value;
  if (!viewer) return html`<${Notice}><p>Sign in with an account that may ${what}.</p><a class="button quiet" href=${signInHref()}>Sign in</a></${Notice}>`;
  const owners = channelMembers.filter(({ isOwner }) => isOwner).map(({ username }) => username);
  return html`<${Notice}><p>Signed in as ${viewer.login}, you can read ${name} but not ${what}. An owner can change that: ${owners.join(", ") || ownerLogin}.</p></${Notice}>`;
}

/** A page whose own files could not be loaded. @param {{ again: () => void }} props */
export function Broken({ again }) {
  useTitle("Not loaded");
  return html`<div class="page narrow">
    <h1>This page could not be loaded</h1>
    <p>The connection may be gone, or the server was updated. Nothing that you sent is lost.</p>
    <p class="actions"><button type="button" onClick=${again}>Try again</button>
      <button type="button" class="quiet" onClick=${() => location.reload()}>Reload</button></p>
  </div>`;
}

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
    { word: "CI", href: path("channels", channel, "publishers"), isShown: mayManage(role) },
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

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies a text. The clipboard is closed to pages without TLS: then the text is left selected.
 * @param {{ text: string, label?: string, source?: () => HTMLElement | null }} props
 *   `label` says what is copied: "the command", "the SHA-256"
 */
export function CopyButton({ text, label = "the command", source }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(""), 2500);
    return () => clearTimeout(timer);
  }, [said]);
  useEffect(() => setSaid(""), [text]);
  const act = async () => {
    const isCopied = await copy(text);
    const element = isCopied ? null : source?.();
    if (element) getSelection()?.selectAllChildren(element);
    const word = isCopied ? "Copied" : element ? "Selected" : "Not copied";
    setSaid(word);
    announce(`${word}: ${label}`);
  };
  return html`<button type="button" class="quiet copy" aria-label="Copy ${label}" onClick=${act}>${said || "Copy"}</button>`;
}

/** One line or several to run, with Copy. @param {{ line: string, label?: string }} props */
export function CommandBox({ line, label = "the command" }) {
  /** @type {{ current: HTMLElement | null }} */
  const code = useRef(null);
  return html`<div class="command">
    <pre tabindex="0" role="group" aria-label=${label} ref=${code}><code>${line}</code></pre>
    <${CopyButton} text=${line} label=${label} source=${() => code.current} />
  </div>`;
}

/** The tool whose commands the reader chose to see: in a cookie, for the server draws them too. */
let wantedTool = /(?:^|; )tool=([\w-]+)/.exec(document.cookie)?.[1] ?? "";

/** @param {string} tool */
function remember(tool) {
  wantedTool = tool;
  document.cookie = `tool=${tool}; path=/; max-age=31536000; samesite=lax`;
}

/**
 * The same thing said to several tools; which one is shown is remembered.
 * @param {{ label: string, choices: readonly { tool: string, line: string, note?: any }[] }} props
 */
export function Commands({ label, choices }) {
  const [wanted, setWanted] = useState(wantedTool);
  const shown = choices.find(({ tool }) => tool === wanted) ?? choices[0];
  const show = (/** @type {string} */ tool) => {
    setWanted(tool);
    remember(tool);
  };
  return html`<div class="commands" role="group" aria-label=${label}>
    <div class="toggles">
      ${choices.map(({ tool }) => html`<button type="button" class="toggle" aria-pressed=${tool === shown.tool} onClick=${() => show(tool)}>${tool}</button>`)}
    </div>
    <${CommandBox} line=${shown.line} label="the ${shown.tool} command" />
    ${shown.note && html`<p class="muted">${shown.note}</p>`}
  </div>`;
}

/** @typedef {{ tool: string, line: string, note?: any }} Choice */

/** The lines that upload to a channel. @param {{ name: string }} channel @returns {Choice[]} */
export const uploading = ({ name }) => [
  { tool: "graphrepo", line: `graphrepo upload ${name} ./*.conda --url ${location.origin}` },
  { tool: "rattler-build", line: `rattler-build upload prefix --url ${location.origin} --channel ${name} --api-key "$TOKEN" ./*.conda` },
];

const KEY = "YOUR_KEY";

/** @param {string} baseUrl the address with a key in it: conda-token style, directly under the host */
function withKey(baseUrl) {
  const url = new URL(baseUrl);
  return `${url.origin}/t/${KEY}${url.pathname}`;
}

/**
 * The lines that put a package of this channel into an environment.
 * @param {{ baseUrl: string, isPublic: boolean }} channel
 * @param {string} name of the package, perhaps with "==1.0"
 * @returns {Choice[]}
 */
export function setUp({ baseUrl, isPublic }, name) {
  const { host, origin } = new URL(baseUrl);
  const url = isPublic ? baseUrl : withKey(baseUrl);
  const login = isPublic ? "" : `pixi auth login ${origin} --token ${KEY}\n`;
  const note = isPublic ? undefined : html`This channel is private. Put one of <a href="/account/keys">your keys</a> in place of ${KEY}.`;
  const kept = isPublic ? "" : `micromamba auth login ${host} --bearer ${KEY}\n`;
  return [
    { tool: "pixi", line: `${login}pixi workspace channel add ${baseUrl}\npixi add ${spec(name, "==")}`, note },
    { tool: "conda", line: `conda install --channel ${url} ${spec(name, "=")}`, note },
    { tool: "mamba", line: `mamba install --channel ${url} ${spec(name, "=")}`, note },
    { tool: "micromamba", line: `${kept}micromamba install --channel ${baseUrl} ${spec(name, "=")}`, note },
  ];
}

/**
 * conda writes "name=1.0" where pixi writes "name==1.0"; shells expand a "!" outside of quotes.
 * @param {string} name @param {string} sign
 */
function spec(name, sign) {
  const text = name.replace("==", sign);
  return text.includes("!") ? `'${text}'` : text;
}
