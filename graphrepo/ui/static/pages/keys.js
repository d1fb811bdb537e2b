// API keys: made for one purpose, shown once, revoked.

import { date, Pill, several, Time } from "../lib/facts.js";
import { announce, useTitle } from "../lib/navigation.js";
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { forget, graphql, session, useAnswer } from "../lib/server.js";
import { Confirm, Field, Form, Select } from "../ui/forms.js";
import { Table } from "../ui/lists.js";
import { CommandBox, Commands, Empty, Notice, Region, SignInFirst } from "../ui/parts.js";

const KEYS = `query Keys {
  apiKeys { name description createdAt expiresAt lastUsedAt revokedAt accessMode channel { name } }
}`;
const CHANNELS = `query KeyChannels {
  viewer { channels(roles: [OWNER, CONTRIBUTOR, VIEWER], limit: 100) { page { name } } }
}`;
const CREATE = `mutation CreateKey($name: String!, $expiresAt: DateTime, $mode: ChannelAccessMode!, $channel: String) {
  createApiKey(name: $name, expiresAt: $expiresAt, accessMode: $mode, channelName: $channel) { key name channel { name baseUrl } }
}`;
const REVOKE = `mutation RevokeKey($name: String!) { revokeApiKey(name: $name) }`;
const DELETE = `mutation DeleteKey($name: String!) { deleteApiKey(name: $name) }`;

const DAY = 86_400_000;
const SOON = 14 * DAY;
const MODES = /** @type {const} */ ([
  ["", "Choose"], ["READ", "Read and install"], ["READ_WRITE", "Read and upload"],
  ["READ_WRITE_DELETE", "Read, upload, replace and delete"], ["ALL", "Everything that you may do, keys and settings too"],
]);
const LIVES = /** @type {const} */ ([["7", "7 days"], ["30", "30 days"], ["90", "90 days"], ["365", "1 year"], ["", "No expiry"]]);

/**
 * @typedef {{
 *   name: string, description: string | null, createdAt: string, expiresAt: string | null, lastUsedAt: string | null,
 *   revokedAt: string | null, accessMode: string, channel: { name: string } | null,
 * }} Key
 */

/** @param {Key} key */
const isEnded = ({ revokedAt, expiresAt }) => Boolean(revokedAt) || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());

/** @param {Key} key */
const scope = ({ accessMode, channel }) => `${MODES.find(([mode]) => mode === accessMode)?.[1] ?? accessMode}${channel ? `, in ${channel.name} only` : ""}`;

export default function Keys() {
  useTitle("API keys");
  const [draft, setDraft] = useState(/** @type {Partial<Key> | null} */ (null));
  const [made, setMade] = useState(/** @type {any} */ (null));
  const { viewer } = session.value;
  const answer = useAnswer(KEYS, {}, { isWanted: Boolean(viewer) });
  if (viewer === null) return html`<${SignInFirst} title="API keys">Sign in to see your keys.</${SignInFirst}>`;
  const changed = async () => {
    forget();
    await answer.again();
  };
  const create = (/** @type {any} */ key) => {
    setDraft(null);
    setMade(key);
    announce("The key was created");
    return changed();
  };
  return html`<div class="page">
    <p class="crumbs"><a href="/account">Account</a><span aria-hidden="true">/</span>API keys</p>
    <div class="heading"><h1>API keys</h1>
      ${!draft && !made && html`<button type="button" class="end" onClick=${() => setDraft({})}>New key</button>`}</div>
    <p class="muted">A key lets programs act as you. Give each one no more than it needs.</p>
    ${made && html`<${Made} made=${made} onDone=${() => setMade(null)} />`}
    ${draft && html`<${NewKey} draft=${draft} onCreated=${create} onCancel=${() => setDraft(null)} />`}
    <${Region} answer=${answer}>${(/** @type {any} */ { apiKeys }) => (
      apiKeys.length ? html`<${List} keys=${apiKeys} onChanged=${changed} onAgain=${(/** @type {Key} */ key) => {
        setMade(null);
        setDraft(key);
        scrollTo(0, 0);
      }} />`
        : html`<${Empty}><p>You have no keys yet. pixi, conda and CI need one to read private channels and to upload.</p></${Empty}>`
    )}</${Region}>
  </div>`;
}

/** @param {{ draft: Partial<Key>, onCreated: (made: any) => Promise<void>, onCancel: () => void }} props */
function NewKey({ draft, onCreated, onCancel }) {
  const answer = useAnswer(CHANNELS);
  const own = (answer.data?.viewer?.channels.page ?? []).map((/** @type {any} */ { name }) => name);
  const limited = draft.channel?.name;
  const names = limited && !own.includes(limited) ? [limited, ...own] : own;
  const submit = async (/** @type {Record<string, string>} */ { name, mode, channel, days }) => {
    const expiresAt = days ? new Date(Date.now() + Number(days) * DAY).toISOString() : null;
    const { createApiKey } = await graphql(CREATE, { name, mode, channel: channel || null, expiresAt });
    await onCreated(createApiKey);
  };
  return html`<section class="stack narrowly" aria-label="New key"><h2>New key</h2>
    <${Form} action="Create key" onSubmit=${submit} onCancel=${onCancel}>
      <${Field} label="Name" name="name" required maxlength="100" autocomplete="off" defaultValue=${draft.name ? `${draft.name} ${new Date().getFullYear()}` : ""} hint="What will use it: “laptop”, “CI of vision”." />
      <${Select} label="What it may do" name="mode" required value=${draft.accessMode ?? ""} options=${MODES} />
      <${Select} key=${names.length} label="Where" name="channel" value=${limited ?? ""} options=${[["", "In all channels that you may use"], ...names.map((/** @type {string} */ name) => [name, `In ${name} only`])]} />
      <${Select} label="It works for" name="days" value="90" options=${LIVES} />
    </${Form}>
  </section>`;
}

/** The key, this once, and where to put it. @param {{ made: any, onDone: () => void }} props */
function Made({ made: { key, name, channel }, onDone }) {
  /** @type {{ current: HTMLElement | null }} */
  const heading = useRef(null);
  useEffect(() => heading.current?.focus(), []);
  const { origin, host } = location;
  const place = channel?.name ?? "CHANNEL";
  const choices = [
    { tool: "pixi", line: `pixi auth login ${origin} --token ${key}` },
    { tool: "conda", line: `conda config --add channels ${origin}/t/${key}/${place}` },
    { tool: "micromamba", line: `micromamba auth login ${host} --bearer ${key}` },
    { tool: "rattler-build", line: `rattler-build upload prefix --url ${origin} --channel ${place} --api-key ${key} ./*.conda` },
    { tool: "curl", line: `curl --header "Authorization: Bearer ${key}" --header "X-File-Name: FILE.conda" \\\n  --data-binary @FILE.conda ${origin}/api/v1/upload/${place}` },
  ];
  return html`<section class="stack" aria-label="Your new key">
    <h2 tabindex="-1" ref=${heading}>${name}</h2>
    <${Notice} kind="ok">Copy this key now. It is not shown again.</${Notice}>
    <${CommandBox} line=${key} label="the key" />
    <${Commands} label="Where to put it" choices=${choices} />
    <div class="actions"><button type="button" onClick=${onDone}>I have copied it</button></div>
  </section>`;
}

/** @param {{ keys: Key[], onChanged: () => Promise<void>, onAgain: (key: Key) => void }} props */
function List({ keys, onChanged, onAgain }) {
  const [ending, setEnding] = useState(/** @type {Key | null} */ (null));
  /** @type {import("../ui/lists.js").Column[]} */
  const columns = [
    { title: "Name", kind: "main", cell: (key) => html`${key.name}<span class="note">${scope(key)}</span>${key.description && html`<span class="note">${key.description}</span>`}` },
    { title: "Created", kind: "faint", cell: (key) => html`<span class="label">Created </span><${Time} of=${key.createdAt} />` },
    { title: "Last used", kind: "faint", cell: (key) => (key.lastUsedAt ? html`<span class="label">Used </span><${Time} of=${key.lastUsedAt} />` : "Never used") },
    { title: "Expires", kind: "faint", cell: (key) => html`<${End} of=${key} />` },
    { title: "Actions", kind: "number", cell: (key) => html`<button type="button" class="quiet" aria-label="Recreate ${key.name}" onClick=${() => onAgain(key)}>Recreate</button>
      <button type="button" class="quiet danger" aria-label="${isEnded(key) ? "Delete" : "Revoke"} ${key.name}" onClick=${() => setEnding(key)}>${isEnded(key) ? "Delete" : "Revoke"}</button>` },
  ];
  const end = async () => {
    if (!ending) return;
    await graphql(isEnded(ending) ? DELETE : REVOKE, { name: ending.name });
    announce(`${ending.name} was ${isEnded(ending) ? "deleted" : "revoked"}`);
    await onChanged();
  };
  return html`<section class="stack">
    <p class="count">${several(keys.length, "key")}</p>
    <${Table} label="API keys" columns=${columns} rows=${keys} />
    ${ending && html`<${Confirm} title="${isEnded(ending) ? "Delete" : "Revoke"} ${ending.name}?" action=${isEnded(ending) ? "Delete" : "Revoke"} isDangerous onConfirm=${end} onClose=${() => setEnding(null)}>
      <p>${isEnded(ending) ? "Its record goes from this list. It does not work any more already." : "Whatever uses it is refused from now on. This cannot be undone."}</p>
    </${Confirm}>`}
  </section>`;
}

/** @param {{ of: Key }} props */
function End({ of: { revokedAt, expiresAt } }) {
  if (revokedAt) return html`<${Pill} kind="bad">Revoked</${Pill}>`;
  if (!expiresAt) return "No expiry";
  const left = Date.parse(expiresAt) - Date.now();
  if (left <= 0) return html`<${Pill} kind="bad" title=${date(expiresAt)}>Expired</${Pill}>`;
  return html`<span class="label">Expires </span>${left < SOON ? html`<${Pill} kind="warn"><${Time} of=${expiresAt} /></${Pill}>` : html`<${Time} of=${expiresAt} />`}`;
}
