// Whose session this is, what it reaches, and where else one is signed in.

import { exact, Mark, path, Pill, several, Time, Visibility } from "../lib/facts.js";
import { announce, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { graphql, session, signOut, useAnswer } from "../lib/server.js";
import { Field, Form } from "../ui/forms.js";
import { Table } from "../ui/lists.js";
import { Empty, Failed, Notice, Region, SignInFirst } from "../ui/parts.js";

const ACCOUNT = `query Account {
  viewer { login isAdmin channels(roles: [OWNER, CONTRIBUTOR, VIEWER], limit: 100) { totalCount page { name isPublic viewerRole updatedAt } } }
  apiKeys { revokedAt expiresAt } sessions { id userAgent createdAt lastUsedAt expiresAt isCurrent }
}`;
const END = `mutation EndSession($id: ID!) { endSession(id: $id) }`;
const END_OTHERS = `mutation EndOtherSessions { endOtherSessions }`;
const PASSWORD = `mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
  changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
}`;
const ROLES = /** @type {Record<string, string>} */ ({ OWNER: "owner", CONTRIBUTOR: "contributor" });
/** @type {import("../ui/lists.js").Column[]} */
const COLUMNS = [
  { title: "Channel", kind: "main", cell: ({ name, isPublic }) => html`<${Mark} name=${name} /><a href=${path("channels", name)}>${name}</a>${" "}<${Visibility} isPublic=${isPublic} />` },
  { title: "You are", cell: ({ viewerRole }) => ROLES[viewerRole] ?? "member" },
  { title: "Changed", kind: "faint", cell: ({ updatedAt }) => html`<span class="label">changed </span><${Time} of=${updatedAt} />` },
];

/** @param {any} key */
const works = ({ revokedAt, expiresAt }) => !revokedAt && (!expiresAt || Date.parse(expiresAt) > Date.now());

export default function Account() {
  useTitle("Account");
  const { viewer } = session.value;
  const answer = useAnswer(ACCOUNT, {}, { isWanted: Boolean(viewer) });
  if (viewer === null) return html`<${SignInFirst} title="Account">Sign in to see your account.</${SignInFirst}>`;
  return html`<div class="page">
    <div class="heading"><h1>${viewer?.login ?? "Account"}</h1></div>
    <${Region} answer=${answer}>${(/** @type {any} */ { viewer: me, apiKeys, sessions }) => html`<div class="stack wide">
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
      <${Sessions} sessions=${sessions} again=${answer.again} />
    </div>`}</${Region}>
  </div>`;
}

/** @typedef {{ id: string, userAgent: string | null, createdAt: string, lastUsedAt: string | null, expiresAt: string, isCurrent: boolean }} Session */

/** Word of a User-Agent -> what people call it; the first that fits, since browsers claim to be others as well. */
const BROWSERS = /** @type {const} */ ([["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]]);
const SYSTEMS = /** @type {const} */ ([["Android", "Android"], ["iPhone", "an iPhone"], ["iPad", "an iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]);

/** "Firefox on Linux". @param {string | null} userAgent */
function browserOf(userAgent) {
  const known = [BROWSERS, SYSTEMS].map((words) => words.find(([word]) => userAgent?.includes(word))?.[1]);
  return known.filter(Boolean).join(" on ") || userAgent?.slice(0, 60) || "Unknown browser";
}

/** Where one is signed in. @param {{ sessions: Session[], again: () => Promise<void> }} props */
function Sessions({ sessions, again }) {
  const [failure, setFailure] = useState(/** @type {Error | null} */ (null));
  const end = async (/** @type {string} */ mutation, /** @type {Record<string, unknown>} */ which, /** @type {string} */ what) => {
    setFailure(null);
    try {
      await graphql(mutation, which);
      announce(what);
    } catch (error) {
      setFailure(/** @type {Error} */ (error));
    }
    await again();
  };
  /** @type {import("../ui/lists.js").Column[]} */
  const columns = [
    { title: "Browser", kind: "main said", cell: ({ userAgent, isCurrent, createdAt, lastUsedAt }) => html`${browserOf(userAgent)}${isCurrent && html`${" "}<${Pill} kind="ok">this one</${Pill}>`}
    <span class="note">signed in <${Time} of=${createdAt} />${lastUsedAt && !isCurrent && html`, last used <${Time} of=${lastUsedAt} />`}</span>` },
    { title: "Until", kind: "faint", cell: ({ expiresAt }) => html`<span class="label">until </span><${Time} of=${expiresAt} />` },
    { title: "Actions", kind: "number", cell: ({ id, isCurrent, createdAt }) => (isCurrent ? html`<button type="button" class="quiet" onClick=${signOut}>Sign out of this browser</button>`
      : html`<button type="button" class="quiet" aria-label="Sign out the browser of ${exact(createdAt)}" onClick=${() => end(END, { id }, "That browser was signed out")}>Sign out</button>`) },
  ];
  return html`<section class="stack">
    <div class="heading"><h2>Signed in</h2>
      ${sessions.length > 2 && html`<button type="button" class="quiet end" onClick=${() => end(END_OTHERS, {}, "All other browsers were signed out")}>Sign out all others</button>`}</div>
    ${failure && html`<${Failed} failure=${failure} />`}
    <${Table} label="Browsers" columns=${columns} rows=${sessions} />
  </section>`;
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
