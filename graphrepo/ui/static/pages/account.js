// Whose session this is, and what it reaches.

import { Mark, path, several, Time, Visibility } from "../lib/facts.js";
import { announce, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { graphql, session, signInHref, signOut, useAnswer } from "../lib/server.js";
import { Field, Form } from "../ui/forms.js";
import { Table } from "../ui/lists.js";
import { Denied, Empty, Notice, Region } from "../ui/parts.js";

const ACCOUNT = `query Account {
  viewer { login isAdmin channels(roles: [OWNER, CONTRIBUTOR, VIEWER], limit: 100) { totalCount page { name isPublic viewerRole updatedAt } } }
  apiKeys { revokedAt expiresAt }
}`;
const PASSWORD = `mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
  changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
}`;
const ROLES = /** @type {Record<string, string>} */ ({ OWNER: "owner", CONTRIBUTOR: "contributor" });
/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  { title: "Channel", kind: "main", cell: ({ name, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}<${Visibility} isPublic=${isPublic} />` },
  { title: "You are", cell: ({ viewerRole }) => ROLES[viewerRole] ?? "member" },
  { title: "Changed", kind: "faint", cell: ({ updatedAt }) => html`<${Time} of=${updatedAt} />` },
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
      </dl>
      <section class="stack">
        <div class="heading"><h2>Your channels</h2><a class="button end" href="/account/new-channel">New channel</a></div>
        ${me?.channels.totalCount ? html`<${Table} label="Your channels" columns=${COLUMNS} rows=${me.channels.page} />`
          : html`<${Empty}><p>You belong to no channel yet. Create one, or ask an owner to add ${me?.login}.</p></${Empty}>`}
      </section>
      <section class="stack narrowly"><h2>Password</h2><${Password} /></section>
      <div class="actions texts"><button type="button" class="quiet" onClick=${signOut}>Sign out of this browser</button></div>
    </div>`}</${Region}>
  </div>`;
}

/** A new password, for those who know the present one. */
function Password() {
  const [isDone, setDone] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const change = async (/** @type {Record<string, string>} */ { currentPassword, newPassword }) => {
    await graphql(PASSWORD, { currentPassword, newPassword });
    announce("Your password was changed");
    setDone(true);
    setAttempt(attempt + 1);
  };
  return html`
    ${isDone && html`<${Notice} kind="ok"><p>Your password was changed. Other browsers have to sign in again.</p></${Notice}>`}
    <${Form} key=${attempt} action="Change password" onSubmit=${change}>
      <input hidden autocomplete="username" value=${session.value.viewer?.login} />
      <${Field} label="Present password" name="currentPassword" type="password" required autocomplete="current-password" />
      <${Field} label="New password" name="newPassword" type="password" required autocomplete="new-password" />
    </${Form}>`;
}
