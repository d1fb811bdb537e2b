// Whose session this is, and what it reaches.

import { path, several } from "../lib/format.js";
import { html } from "../lib/preact.js";
import { useTitle } from "../lib/router.js";
import { session, signInHref, signOut, useAnswer } from "../lib/store.js";
import { Mark, Time, Visibility } from "../ui/facts.js";
import { Denied, Empty, Region } from "../ui/notices.js";
import { Table } from "../ui/table.js";

const ACCOUNT = `query Account {
  viewer { login isAdmin channels(roles: [OWNER, CONTRIBUTOR, VIEWER], limit: 100) { totalCount page { name isPublic viewerRole updatedAt } } }
  apiKeys { revokedAt expiresAt }
}`;
const ROLES = /** @type {Record<string, string>} */ ({ OWNER: "owner", CONTRIBUTOR: "contributor" });
const COLUMNS = [
  { title: "Channel", kind: "main", cell: (/** @type {any} */ { name, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}<${Visibility} isPublic=${isPublic} />` },
  { title: "You are", cell: (/** @type {any} */ { viewerRole }) => ROLES[viewerRole] ?? "member" },
  { title: "Changed", kind: "faint", cell: (/** @type {any} */ { updatedAt }) => html`<${Time} of=${updatedAt} />` },
];

/** @param {any} key */
const works = ({ revokedAt, expiresAt }) => !revokedAt && (!expiresAt || Date.parse(expiresAt) > Date.now());

export default function Account() {
  useTitle("Account");
  const { viewer } = session.value;
  const answer = useAnswer(ACCOUNT, {}, { isWanted: Boolean(viewer) });
  if (viewer === null) return html`<${Denied} title="Account"><a href=${signInHref()}>Sign in</a> to see your account.</${Denied}>`;
  return html`<div class="page">
    <div class="heading"><h1>${viewer?.login ?? "Account"}</h1></div>
    <${Region} answer=${answer}>${(/** @type {any} */ { viewer: me, apiKeys }) => html`<div class="stack wide">
      <dl class="facts">
        <div><dt>Account</dt><dd>${me?.isAdmin ? "Administrator" : "Ordinary"}</dd></div>
        <div><dt>API keys</dt><dd><a href="/account/keys">${several(apiKeys.filter(works).length, "key")} in force</a></dd></div>
        <div><dt>Password</dt><dd>An administrator can set a new one.</dd></div>
      </dl>
      <section class="stack">
        <div class="heading"><h2>Your channels</h2><a class="button end" href="/account/new-channel">New channel</a></div>
        ${me?.channels.totalCount ? html`<${Table} label="Your channels" columns=${COLUMNS} rows=${me.channels.page} keyOf=${(/** @type {any} */ { name }) => name} />`
          : html`<${Empty}><p>You belong to no channel yet. Create one, or ask an owner to add ${me?.login}.</p></${Empty}>`}
      </section>
      <div class="actions"><button type="button" class="quiet" onClick=${signOut}>Sign out of this browser</button></div>
    </div>`}</${Region}>
  </div>`;
}
