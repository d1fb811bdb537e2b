// Administration: who did what, in sentences; the newest lines as a file.

import { count, Name, path, Time } from "../lib/facts.js";
import { query, setQuery } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { graphql, useAnswer } from "../lib/server.js";
import { Administration, Found, pageOf } from "./admin.js";
import { FilterField, Select } from "../ui/forms.js";
import { Failed } from "../ui/parts.js";

const EVENTS = `query Events($filters: EventFilter, $limit: Int, $page: Int) {
  events(filters: $filters, limit: $limit, page: $page) {
    current pages totalCount page { id createdAt actor address action channelName channel { name } details }
  }
}`;
const MOST = 500; // lines of a file, as many as one question may ask for

/** What each action did; braces hold what its details say. @type {Record<string, string>} */
const SENTENCES = {
  upload: "Uploaded {file}",
  replace: "Replaced {file}",
  delete: "Deleted {file}",
  yank: "Withdrew {file}: {reason}",
  unyank: "Offered {file} again",
  attest: "Added an attestation to {file}",
  patch: "Patched the records of {files} in {subdir}",
  create_channel: "Created the channel for {owner}",
  update_channel: "Changed the settings",
  delete_channel: "Deleted the channel",
  transfer_channel: "Transferred the channel from {before} to {login}",
  set_member: "Made {login} {role}",
  remove_member: "Removed {login}",
  create_notice: "Published notice {notice}",
  update_notice: "Changed notice {notice}",
  delete_notice: "Took notice {notice} back",
  add_publisher: "Trusted {identity} on {provider}",
  delete_publisher: "Trusts {identity} on {provider} no longer",
  mint_token: "Gave a CI job a token, as publisher {publisher}",
  create_key: "Made the key “{key}” for {login}",
  revoke_key: "Revoked the key “{key}”",
  delete_key: "Deleted the key “{key}”",
  create_user: "Created the account {login}",
  update_user: "Changed the account {login}",
  change_password: "Changed their password",
  end_session: "Signed one of their browsers out",
  end_other_sessions: "Signed their other browsers out",
  end_sessions: "Signed {login} out everywhere",
  fail_sign_in: "Could not sign in",
  fail_set_up: "Could not set the server up",
  fail_change_password: "Could not change the password",
  apply_quarantine: "Put {files} in quarantine {quarantine}",
  update_quarantine: "Changed quarantine {quarantine}",
  revoke_quarantine: "Released quarantine {quarantine}",
  quarantine: "Quarantine {quarantine} holds {file}",
  release: "Quarantine {quarantine} released {file}",
  repair: "Had the index rendered anew",
};
const ROLES = /** @type {Record<string, string>} */ ({ owner: "an owner", contributor: "a contributor", member: "a member" });
const PROVIDERS = /** @type {Record<string, string>} */ ({ github: "GitHub", gitlab: "GitLab", google: "Google Cloud" });

/** "set_member" → "set member". @param {string} action */
const words = (action) => action.replaceAll("_", " ");

/** What a detail says in a sentence. @param {any} details @param {string} name @returns {string} */
function said(details, name) {
  const value = details[name];
  if (name === "file") return [details.subdir, details.filename].filter(Boolean).join("/");
  if (name === "files") return value === 1 ? "1 file" : `${count(value)} files`;
  if (name === "identity") return value.email ?? `${value.owner ?? value.namespace}/${value.repository ?? value.project}`;
  return ROLES[value] ?? PROVIDERS[value] ?? String(value ?? "?");
}

/** What failed and why, what an account or a channel has become. @param {string} action @param {any} details */
const beside = (action, { login, reason, is_admin: isAdmin, is_disabled: isDisabled, password, isPublic }) => [
  action.startsWith("fail_") && [login, words(reason)].filter(Boolean).join(": "),
  isAdmin !== undefined && (isAdmin ? "administrator" : "no administrator"),
  isDisabled !== undefined && (isDisabled ? "disabled" : "enabled"),
  password && "new password",
  isPublic !== undefined && (isPublic ? "public" : "private"),
].filter(Boolean).join(", ");

/** @param {{ action: string, details: any }} event */
function Told({ action, details }) {
  const sentence = SENTENCES[action]?.replace(/\{(\w+)\}/g, (_, name) => said(details, name)) ?? words(action);
  const more = beside(action, details);
  return html`<${Name} of=${sentence} />${more && html`<span class="note">${more}</span>`}`;
}

/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  { title: "What", kind: "main said", cell: (event) => html`<${Told} ...${event} />` },
  { title: "Who", cell: ({ actor, address }) => html`${actor}${address && html`<span class="note">${address}</span>`}` },
  { title: "Channel", cell: ({ channelName, channel }) => (channel ? html`<a href=${path("channels", channel.name)}>${channel.name}</a>` : channelName) },
  { title: "When", kind: "faint", cell: ({ createdAt }) => html`<${Time} of=${createdAt} />` },
];

/** A field of a line of a table as text; a quotation mark in it is doubled (RFC 4180). @param {unknown} value */
const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;

/** @param {readonly any[]} events */
const csv = (events) => [["when", "who", "from", "what", "channel", "details"], ...events.map((event) => [event.createdAt, event.actor, event.address, event.action, event.channelName, JSON.stringify(event.details)])]
  .map((line) => line.map(quoted).join(",")).join("\r\n");

export default function Log() {
  const [failure, setFailure] = useState(/** @type {Error | null} */ (null));
  const [channel, actor, action] = ["channelName", "actor", "action"].map(query);
  const filters = {
    ...(channel && { channelName: { contains: channel } }), ...(actor && { actor: { contains: actor } }), ...(action && { action: { eq: action } }),
  };
  const answer = useAnswer(EVENTS, pageOf(filters));
  const save = async () => {
    setFailure(null);
    try {
      const { events } = await graphql(EVENTS, { filters, limit: MOST, page: 0 });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(events.page)], { type: "text/csv" }));
      link.download = "log.csv";
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      setFailure(/** @type {Error} */ (error));
    }
  };
  return html`<${Administration} part="Log" action=${html`<button type="button" class="quiet" title="The newest ${count(MOST)} of these lines" onClick=${save}>Save as CSV</button>`}>
    <div class="filters">
      <${FilterField} name="channelName" label="Channel" />
      <${FilterField} name="actor" label="Who" />
      <${Select} label="What" value=${action} options=${[["", "all"], ...Object.keys(SENTENCES).sort().map((name) => [name, words(name)])]}
        onChange=${(/** @type {any} */ event) => setQuery({ action: event.currentTarget.value, page: null })} />
    </div>
    ${failure && html`<${Failed} failure=${failure} />`}
    <${Found} answer=${answer} of="events" noun="line" label="Log" columns=${COLUMNS} none=${html`No line is like that. <a href="/admin/log">Show all</a>.`} />
  </${Administration}>`;
}
