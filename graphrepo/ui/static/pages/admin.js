// Administration: who has an account and as what, and every channel, whoever owns it.

import { Bytes, count, Mark, path, Pill, several, Time, Visibility } from "../lib/facts.js";
import { address, announce, query, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { forget, graphql, session, useAnswer } from "../lib/server.js";
import { Checkbox, Dialog, Field, Form, PLAIN } from "../ui/forms.js";
import { CHANNEL_FIELDS, counted, fieldOrder, nameLike, pageNumber, Pages, SearchBox, Table, useFound } from "../ui/lists.js";
import { Empty, Missing, Region } from "../ui/parts.js";

const SIZE = 50;

const PARTS = [["/admin", "Users"], ["/admin/channels", "Channels"], ["/admin/jobs", "Jobs"], ["/admin/quarantine", "Quarantine"], ["/admin/log", "Log"]];

/** What every list of the administration asks for. @param {object | null} filters */
export const pageOf = (filters) => ({ filters, limit: SIZE, page: pageNumber() });

/** A page of the administration; to all others it does not exist. @param {{ part: string, action?: any, children?: any }} props */
export function Administration({ part, action, children }) {
  useTitle(part, "Administration");
  const { viewer } = session.value;
  if (viewer !== undefined && !viewer?.isAdmin) return html`<${Missing} />`;
  const here = address.value.pathname.replace(/\/$/, "");
  return html`<div class="page">
    <div class="heading"><h1>Administration</h1>${viewer && action && html`<span class="end">${action}</span>`}</div>
    <nav class="tabs" aria-label="Administration">
      ${PARTS.map(([href, word]) => html`<a href=${href} aria-current=${href === here ? "page" : undefined}>${word}</a>`)}
    </nav>
    ${viewer && children}
  </div>`;
}

/**
 * A table of what was found, with the way to the other pages.
 * @param {{
 *   answer: import("../lib/server.js").Answer, of: string, noun: string, label: string, none: any,
 *   columns: readonly import("../ui/lists.js").Column[], sort?: string,
 * }} props `of` is the field that holds them; `none` stands where nothing was found
 */
export function Found({ answer, of, noun, label, none, columns, sort }) {
  useFound(answer.data?.[of].totalCount, noun, answer.isStale);
  return html`<${Region} answer=${answer}>${(/** @type {any} */ data) => {
    const found = data[of];
    return html`<div class="stack">
      <p class="count">${several(found.totalCount, noun)}</p>
      ${found.totalCount ? html`<${Table} label=${label} columns=${columns} rows=${found.page} sort=${sort} />
        <${Pages} ...${found} size=${SIZE} total=${found.totalCount} noun=${noun} />`
        : html`<${Empty}><p>${none}</p></${Empty}>`}
    </div>`;
  }}</${Region}>`;
}

const USERS = `query AdminUsers($filters: UserFilter, $limit: Int, $page: Int) {
  users(filters: $filters, limit: $limit, page: $page) {
    current pages totalCount page { login isAdmin isDisabled createdAt channels(limit: 1) { totalCount } }
  }
}`;
const CREATE = `mutation CreateUser($login: String!, $password: String, $isAdmin: Boolean) {
  createUser(login: $login, password: $password, isAdmin: $isAdmin) { login }
}`;
const UPDATE = `mutation UpdateUser($login: String!, $isAdmin: Boolean, $isDisabled: Boolean, $password: String) {
  updateUser(login: $login, isAdmin: $isAdmin, isDisabled: $isDisabled, password: $password) { login }
}`;

/** @typedef {{ login: string, isAdmin: boolean, isDisabled: boolean }} User */

/** @param {Record<string, string>} values */
const typed = ({ password, admin }) => ({ password: password || null, isAdmin: admin === "on" });

export function Users() {
  const [asked, setAsked] = useState(/** @type {User | "new" | null} */ (null));
  const q = query("q");
  const answer = useAnswer(USERS, pageOf(q ? { login: { contains: q.toLowerCase() } } : null));
  const done = (/** @type {string} */ what) => {
    setAsked(null);
    announce(what);
    forget();
  };
  const close = () => setAsked(null);
  return html`<${Administration} part="Users" action=${html`<button type="button" onClick=${() => setAsked("new")}>New user</button>`}>
    <${SearchBox} label="Search users" placeholder="Login" />
    <${Found} answer=${answer} of="users" noun="user" label="Users" columns=${columns(setAsked)} none=${html`Nobody is called that. <a href="/admin">Show all users</a>.`} />
    ${asked === "new" && html`<${NewUser} onDone=${done} onClose=${close} />`}
    ${asked && asked !== "new" && html`<${Change} user=${asked} onDone=${done} onClose=${close} />`}
  </${Administration}>`;
}

/** @param {(user: User) => void} change @returns {import("../ui/lists.js").Column[]} */
const columns = (change) => [
  { title: "Login", kind: "main", cell: ({ login, isAdmin, isDisabled }) => html`${login}
    ${isAdmin && html`${" "}<${Pill}>administrator</${Pill}>`}${isDisabled && html`${" "}<${Pill} kind="bad">disabled</${Pill}>`}` },
  { title: "Channels", kind: "number roomy", cell: ({ channels }) => count(channels.totalCount) },
  { title: "Since", kind: "faint", cell: ({ createdAt }) => html`<span class="label">since </span><${Time} of=${createdAt} />` },
  { title: "Actions", kind: "number", cell: (user) => html`<button type="button" class="quiet" aria-label="Change ${user.login}" onClick=${() => change(user)}>Change</button>` },
];

const ADMIN = "May do everything on this server, in every channel.";

/** @param {{ onDone: (what: string) => void, onClose: () => void }} props */
function NewUser({ onDone, onClose }) {
  const submit = async (/** @type {Record<string, string>} */ values) => {
    const login = values.login.trim();
    await graphql(CREATE, { login, ...typed(values) });
    onDone(`${login} was created`);
  };
  return html`<${Dialog} title="New user" onClose=${onClose}>
    <${Form} action="Create user" onSubmit=${submit} onCancel=${onClose}>
      <${Field} label="Login" name="login" required ...${PLAIN} />
      <${Field} label="Password" name="password" type="password" autocomplete="new-password" hint="Tell it to them; they can change it. Left empty, nobody can sign in yet." />
      <${Checkbox} label="Administrator" name="admin" hint=${ADMIN} />
    </${Form}>
  </${Dialog}>`;
}

/** @param {{ user: User, onDone: (what: string) => void, onClose: () => void }} props */
function Change({ user: { login, isAdmin, isDisabled }, onDone, onClose }) {
  const isMe = login === session.value.viewer?.login;
  const submit = async (/** @type {Record<string, string>} */ values) => {
    await graphql(UPDATE, { login, ...typed(values), isDisabled: values.disabled === "on" });
    onDone(`${login} was changed`);
  };
  return html`<${Dialog} title="Change ${login}" onClose=${onClose}>
    <${Form} action="Save" onSubmit=${submit} onCancel=${onClose}>
      <${Checkbox} label="Administrator" name="admin" defaultChecked=${isAdmin} hint=${isMe ? "This is you: without it, these pages close to you." : ADMIN} />
      <${Checkbox} label="Disabled" name="disabled" defaultChecked=${isDisabled} hint="Cannot sign in, and keys do not work. What was uploaded stays." />
      <${Field} label="New password" name="password" type="password" autocomplete="new-password" hint="Left empty, the present one stays. A new one ends all sessions of ${login}." />
    </${Form}>
  </${Dialog}>`;
}

const CHANNELS = `query AdminChannels($filters: ChannelFilter, $orderBy: ChannelOrderBy, $limit: Int, $page: Int) {
  channels(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
    current pages totalCount page { name isPublic ownerLogin size updatedAt packages(limit: 1) { totalCount } }
  }
}`;

/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  { title: "Name", kind: "main", sort: "name", cell: ({ name, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}<${Visibility} isPublic=${isPublic} />` },
  { title: "Owner", cell: ({ ownerLogin }) => ownerLogin },
  { title: "Packages", kind: "number", sort: "packages", isFalling: true, cell: ({ packages }) => counted(packages.totalCount, "package") },
  { title: "Size", kind: "number", sort: "size", isFalling: true, cell: ({ size }) => html`<${Bytes} of=${size} />` },
  { title: "Changed", kind: "faint", cell: ({ updatedAt }) => html`<span class="label">changed </span><${Time} of=${updatedAt} />` },
  { title: "Actions", kind: "number", cell: ({ name }) => html`<span class="words end"><a href=${path("channels", name, "members")} aria-label="Members of ${name}">Members</a>
    <a href=${path("channels", name, "settings")} aria-label="Settings of ${name}">Settings</a></span>` },
];

export function AllChannels() {
  const [q, sort] = [query("q"), query("sort") || "name"];
  const answer = useAnswer(CHANNELS, { ...pageOf(nameLike(q)), orderBy: fieldOrder(sort, CHANNEL_FIELDS) });
  return html`<${Administration} part="Channels">
    <${SearchBox} label="Search channels" placeholder="Channel name" />
    <${Found} answer=${answer} of="channels" noun="channel" label="All channels" columns=${COLUMNS} sort=${sort} none=${html`No channel is called that. <a href="/admin/channels">Show all channels</a>.`} />
  </${Administration}>`;
}
