// For administrators: everybody, and every channel.

import { count, path, several } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { query, useTitle } from "../lib/router.js";
import { session, useAnswer } from "../lib/store.js";
import { CommandBox } from "../ui/command.js";
import { Bytes, Mark, Pill, Time, Visibility } from "../ui/facts.js";
import { Empty, Missing, Region } from "../ui/notices.js";
import { SearchBox } from "../ui/search.js";
import { pageNumber, Pages, Table } from "../ui/table.js";

const SIZE = 50;
const USERS = `query AdminUsers($filters: UserFilter, $limit: Int, $page: Int) {
  users(filters: $filters, limit: $limit, page: $page) {
    current pages totalCount page { login isAdmin channels(limit: 1) { totalCount } }
  }
}`;
const CHANNELS = `query AdminChannels($filters: ChannelFilter, $orderBy: ChannelOrderBy, $limit: Int, $page: Int) {
  channels(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
    current pages totalCount page { name isPublic ownerLogin size updatedAt packages(limit: 1) { totalCount } }
  }
}`;
const ORDERS = /** @type {Record<string, string>} */ ({ name: "NAME", size: "SIZE", packages: "PACKAGE_COUNT" });

const USER_COLUMNS = [
  { title: "Login", kind: "main", cell: (/** @type {any} */ { login, isAdmin }) => html`${login}${" "}${isAdmin && html`<${Pill}>administrator</${Pill}>`}` },
  { title: "Channels", kind: "number", cell: (/** @type {any} */ { channels }) => several(channels.totalCount, "channel") },
];
const CHANNEL_COLUMNS = [
  { title: "Name", kind: "main", sort: "name", cell: (/** @type {any} */ { name, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}<${Visibility} isPublic=${isPublic} />` },
  { title: "Owner", cell: (/** @type {any} */ { ownerLogin }) => ownerLogin },
  { title: "Packages", kind: "number", sort: "packages", isFalling: true, cell: (/** @type {any} */ { packages }) => count(packages.totalCount) },
  { title: "Size", kind: "number", sort: "size", isFalling: true, cell: (/** @type {any} */ { size }) => html`<${Bytes} of=${size} />` },
  { title: "Changed", kind: "faint", cell: (/** @type {any} */ { updatedAt }) => html`<${Time} of=${updatedAt} />` },
  { title: "Actions", kind: "number", cell: (/** @type {any} */ { name }) => html`<a href=${path("channels", name, "members")} aria-label="Members of ${name}">Members</a>${" "}
    <a href=${path("channels", name, "settings")} aria-label="Settings of ${name}">Settings</a>` },
];

/** @param {{ params: { part?: string } }} props */
export default function Admin({ params: { part = "users" } }) {
  useTitle("Administration");
  const { viewer } = session.value;
  if (viewer === undefined) return html`<div class="page"><h1>Administration</h1></div>`;
  if (!viewer?.isAdmin || !["users", "channels"].includes(part)) return html`<${Missing} />`;
  return html`<div class="page">
    <div class="heading"><h1>Administration</h1></div>
    <nav class="tabs" aria-label="Administration">
      <a href="/admin" aria-current=${part === "users" ? "page" : undefined}>Users</a>
      <a href="/admin/channels" aria-current=${part === "channels" ? "page" : undefined}>Channels</a>
    </nav>
    ${part === "users" ? html`<${Users} />` : html`<${Channels} />`}
  </div>`;
}

export const identity = () => "admin";

function Users() {
  const q = query("q");
  const answer = useAnswer(USERS, { filters: q ? { login: { contains: q.toLowerCase() } } : null, limit: SIZE, page: pageNumber() });
  return html`
    <${SearchBox} label="Search users" placeholder="Login" />
    <${Region} answer=${answer}>${(/** @type {any} */ { users }) => html`<div class="stack">
      <p class="count">${several(users.totalCount, "user")}</p>
      ${users.totalCount ? html`<${Table} label="Users" columns=${USER_COLUMNS} rows=${users.page} keyOf=${(/** @type {any} */ { login }) => login} />
        <${Pages} ...${users} size=${SIZE} total=${users.totalCount} noun="user" />`
        : html`<${Empty}><p>Nobody is called that. <a href="/admin">Show all users</a>.</p></${Empty}>`}
    </div>`}</${Region}>
    <section class="stack"><h2>Another user</h2>
      <p class="muted">Accounts are made on the server, which asks for the password.</p>
      <${CommandBox} line="graphrepo user create LOGIN --data DIRECTORY" label="the command" /></section>`;
}

function Channels() {
  const [q, sort] = [query("q"), query("sort") || "name"];
  const field = ORDERS[sort.replace("-", "")] ?? "NAME";
  const answer = useAnswer(CHANNELS, {
    filters: q ? { name: { contains: q.toLowerCase() } } : null, limit: SIZE, page: pageNumber(),
    orderBy: { byField: { field, direction: sort.startsWith("-") ? "DESC" : "ASC" } },
  });
  return html`
    <${SearchBox} label="Search channels" placeholder="Channel name" />
    <${Region} answer=${answer}>${(/** @type {any} */ { channels }) => html`<div class="stack">
      <p class="count">${several(channels.totalCount, "channel")}</p>
      ${channels.totalCount ? html`<${Table} label="All channels" columns=${CHANNEL_COLUMNS} rows=${channels.page} sort=${sort} keyOf=${(/** @type {any} */ { name }) => name} />
        <${Pages} ...${channels} size=${SIZE} total=${channels.totalCount} noun="channel" />`
        : html`<${Empty}><p>No channel is called that. <a href="/admin/channels">Show all channels</a>.</p></${Empty}>`}
    </div>`}</${Region}>`;
}
