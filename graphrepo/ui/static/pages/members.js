// Who belongs to a channel, and as what.

import { several } from "../lib/facts.js";
import { announce, go, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { forget, graphql, session, useAnswer, useSettled } from "../lib/server.js";
import { Confirm, Field, Form, PLAIN, Select } from "../ui/forms.js";
import { Table } from "../ui/lists.js";
import { ChannelTabs, Crumbs, Failed, mayManage, Missing, Notice, Region } from "../ui/parts.js";

const MEMBERS = `query Members($channel: String!) {
  channel(name: $channel) { name viewerRole channelMembers { username role isOwner } }
}`;
const KNOWN = `query KnownUser($login: String!) { user(login: $login) { login } }`;
const ADD = `mutation AddMember($channel: String!, $login: String!, $role: ChannelMemberRole!) {
  addChannelMember(channelName: $channel, userName: $login, role: $role) { username }
}`;
const REMOVE = `mutation RemoveMember($channel: String!, $login: String!) {
  deleteChannelMember(channelName: $channel, userName: $login) { username }
}`;

const ROLES = /** @type {const} */ ([
  ["VIEWER", "Member: installs from the channel"],
  ["CONTRIBUTOR", "Contributor: also uploads, and withdraws files"],
  ["OWNER", "Owner: also replaces and deletes, and manages the channel"],
]);
const WORDS = /** @type {const} */ ([["VIEWER", "Member"], ["CONTRIBUTOR", "Contributor"], ["OWNER", "Owner"]]);

/** @typedef {{ username: string, role: string, isOwner: boolean }} Member */

/** @param {{ params: { channel: string } }} props */
export default function Members({ params: { channel: name } }) {
  useTitle("Members", name);
  const answer = useAnswer(MEMBERS, { channel: name });
  const channel = answer.data?.channel;
  if (channel === null) return html`<${Missing} />`;
  const changed = async (/** @type {string} */ what) => {
    forget();
    announce(what);
    await answer.again();
  };
  return html`<div class="page">
    <${Crumbs} channel=${name}>Members</${Crumbs}>
    <div class="heading"><h1>Members of ${name}</h1></div>
    ${channel && html`<${ChannelTabs} channel=${name} role=${channel.viewerRole} />`}
    <${Region} answer=${answer}>${() => html`<div class="stack wide">
      ${mayManage(channel.viewerRole) && html`<${Add} channel=${channel} onChanged=${changed} />`}
      <${List} channel=${channel} onChanged=${changed} />
    </div>`}</${Region}>
  </div>`;
}

/** Tell while a login is typed whether there is such a user. @param {string} login */
function useKnown(login) {
  const settled = useSettled(login);
  const isWanted = login !== "" && login === settled;
  const answer = useAnswer(KNOWN, { login: settled }, { isWanted });
  if (!isWanted || answer.isStale || answer.data === undefined) return undefined;
  return answer.data.user !== null;
}

/** @param {{ channel: any, onChanged: (what: string) => Promise<void> }} props */
function Add({ channel, onChanged }) {
  const [login, setLogin] = useState("");
  const isKnown = useKnown(login);
  const present = channel.channelMembers.find((/** @type {Member} */ { username }) => username === login);
  const error = isKnown === false ? `There is no account ${login}. Check the spelling.` : present ? `${login} belongs to ${channel.name} already. Change the role below.` : "";
  const submit = async (/** @type {Record<string, string>} */ { role }) => {
    await graphql(ADD, { channel: channel.name, login, role });
    setLogin("");
    await onChanged(`${login} was added`);
  };
  return html`<section class="stack"><h2>Add somebody</h2>
    <div class="oneline"><${Form} action="Add" onSubmit=${submit} isReady=${login !== ""}>
      <${Field} label="Login" name="login" required ...${PLAIN} value=${login} onValue=${(/** @type {string} */ value) => setLogin(value.trim())}
        hint=${isKnown && !present ? `${login} has an account.` : ""} error=${error} />
      <${Select} label="Role" name="role" value="VIEWER" options=${ROLES} />
    </${Form}></div>
  </section>`;
}

/** @param {{ channel: any, onChanged: (what: string) => Promise<void> }} props */
function List({ channel, onChanged }) {
  const [failure, setFailure] = useState(/** @type {Error | null} */ (null));
  const [leaving, setLeaving] = useState(/** @type {Member | null} */ (null));
  const me = session.value.viewer?.login;
  const isManager = mayManage(channel.viewerRole);
  const members = /** @type {Member[]} */ (channel.channelMembers);
  const isLast = (/** @type {Member} */ member) => member.isOwner && members.filter(({ isOwner }) => isOwner).length === 1;
  const give = async (/** @type {Member} */ { username }, /** @type {string} */ role) => {
    setFailure(null);
    try {
      await graphql(ADD, { channel: channel.name, login: username, role });
      await onChanged(`The role of ${username} was changed`);
    } catch (error) {
      setFailure(/** @type {Error} */ (error));
    }
  };
  const remove = async () => {
    const username = leaving?.username ?? "";
    await graphql(REMOVE, { channel: channel.name, login: username });
    forget();
    if (username === me && !session.value.viewer?.isAdmin) return go("/channels");
    return onChanged(`${username} was removed`);
  };
  /** @type {import("../ui/lists.js").Column[]} */
  const columns = [
    { title: "Login", kind: "main", cell: (member) => html`${member.username}${member.username === me && html` <span class="faint">you</span>`}
      ${isManager && isLast(member) && html`<span class="note">The only owner. Make somebody else an owner first to change this.</span>`}` },
    { title: "Role", cell: (member) => (isManager ? html`<${RoleSelect} member=${member} isFixed=${isLast(member)} onRole=${give} />` : wordOf(member.role)) },
    { title: "Actions", kind: "number", cell: (member) => (isManager || member.username === me) && html`<button type="button" class="quiet danger" disabled=${isLast(member)}
      aria-label=${member.username === me ? `Leave ${channel.name}` : `Remove ${member.username}`} onClick=${() => setLeaving(member)}>${member.username === me ? "Leave" : "Remove"}</button>` },
  ];
  return html`<section class="stack">
    <div class="heading"><h2>${several(members.length, "member")}</h2></div>
    ${failure && html`<${Failed} failure=${failure} />`}
    ${members.length ? html`<${Table} label="Members" columns=${columns} rows=${members} />`
      : html`<${Notice}>Only members see who else belongs to ${channel.name}.</${Notice}>`}
    ${leaving && html`<${Parting} of=${leaving.username} isMe=${leaving.username === me} channel=${channel.name} onConfirm=${remove} onClose=${() => setLeaving(null)} />`}
  </section>`;
}

/** @param {{ of: string, isMe: boolean, channel: string, onConfirm: () => Promise<void>, onClose: () => void }} props */
const Parting = ({ of, isMe, channel, ...rest }) => html`<${Confirm} title=${isMe ? `Leave ${channel}?` : `Remove ${of} from ${channel}?`} action=${isMe ? "Leave" : "Remove"} isDangerous ...${rest}>
  <p>Keys of ${of} stop working for what only members may do here. What they uploaded stays.</p>
</${Confirm}>`;

/** @param {string} role */
const wordOf = (role) => WORDS.find(([key]) => key === role)?.[1] ?? "Member";

/** @param {{ member: Member, isFixed: boolean, onRole: (member: Member, role: string) => void }} props */
const RoleSelect = ({ member, isFixed, onRole }) => html`<select class="small" aria-label="Role of ${member.username}" disabled=${isFixed} value=${wordOf(member.role) === "Member" ? "VIEWER" : member.role}
  onChange=${(/** @type {any} */ event) => onRole(member, event.currentTarget.value)}>
  ${WORDS.map(([key, word]) => html`<option value=${key}>${word}</option>`)}
</select>`;
