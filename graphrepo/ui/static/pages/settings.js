// What the owners of a channel decide: each part saves by itself.

import { bytes, Bytes, Logo, path, Pill, several, Time, Visibility } from "../lib/facts.js";
import { announce, go, query, setQuery, useTitle } from "../lib/navigation.js";
import { html, useEffect, useState } from "../lib/preact.js";
import { forget, graphql, useAnswer } from "../lib/server.js";
import { Checkbox, Confirm, Field, Form, PLAIN, Select, TextArea } from "../ui/forms.js";
import { Bars, lastMonths } from "../ui/release.js";
import { ChannelTabs, Crumbs, mayManage, Missing, NotYours, Region } from "../ui/parts.js";

const SETTINGS = `query Settings($channel: String!) {
  channel(name: $channel) {
    name description logo isPublic viewerRole ownerLogin channelMembers { username isOwner } size allowOverwrite allowV3Uploads convertTarBz2 attestationPolicy currentRepodata maxAge
    relationBase: channelRelationBase { name } relationOverrides: channelRelationOverrides { name }
    notices { id message level createdAt expiresAt }
    subdirs { name artifactCount size } storageByMonth { month size } packages(limit: 1) { totalCount }
  }
}`;
const UPDATE = `mutation UpdateChannel(
  $name: String!, $description: String, $logo: String, $isPublic: Boolean, $allowOverwrite: Boolean, $allowV3Uploads: Boolean, $convertTarBz2: Boolean,
  $attestationPolicy: AttestationPolicy, $currentRepodata: Boolean, $maxAge: Int, $channelRelationBase: String, $channelRelationOverrides: String
) {
  updateChannel(
    name: $name, description: $description, logo: $logo, isPublic: $isPublic, allowOverwrite: $allowOverwrite, allowV3Uploads: $allowV3Uploads, convertTarBz2: $convertTarBz2,
    attestationPolicy: $attestationPolicy, currentRepodata: $currentRepodata, maxAge: $maxAge, channelRelationBase: $channelRelationBase, channelRelationOverrides: $channelRelationOverrides
  ) { name }
}`;
const NOTICE = `mutation AddNotice($channel: String!, $message: String!, $level: ChannelNoticeLevel!, $expiresAt: DateTime!) {
  createChannelNotice(channelName: $channel, message: $message, level: $level, expiresAt: $expiresAt) { id }
}`;
const WITHDRAW = `mutation WithdrawNotice($channel: String!, $id: ID!) { deleteChannelNotice(channelName: $channel, id: $id) }`;
const TRANSFER = `mutation TransferChannel($channel: String!, $login: String!) {
  transferChannelOwnership(channelName: $channel, newOwnerUsername: $login) { name }
}`;
const DELETE = `mutation DeleteChannel($name: String!) { deleteChannel(name: $name) { name } }`;

const DAY = 86_400_000;
const LOGO = 48; // pixels
const MOST = 2000; // characters of its address
const LEVELS = /** @type {const} */ ([["INFO", "Information"], ["WARNING", "Warning"], ["CRITICAL", "Critical"]]);
const POLICIES = /** @type {const} */ ([
  ["ACCEPT", "Taken where an upload brings them"], ["REQUIRE", "Required of every upload"], ["OFF", "Not kept, and not taken"],
]);
const KEPT = /** @type {Record<string, string>} */ ({ ACCEPT: "are taken", REQUIRE: "are required", OFF: "are not kept" });
const KINDS = /** @type {Record<string, string>} */ ({ WARNING: "warn", CRITICAL: "bad" });

/** @typedef {(changes: Record<string, unknown>) => Promise<void>} Save */
/** @typedef {{ channel: any, save: Save, onChanged: () => Promise<void> }} Own */

/** @param {{ params: { channel: string } }} props */
export default function Settings({ params: { channel: name } }) {
  useTitle("Settings", name);
  const answer = useAnswer(SETTINGS, { channel: name });
  const channel = answer.data?.channel;
  if (channel === null) return html`<${Missing} />`;
  const changed = async () => {
    forget();
    await answer.again();
  };
  const save = async (/** @type {Record<string, unknown>} */ changes) => {
    await graphql(UPDATE, { name, ...changes });
    announce("Saved");
    await changed();
  };
  return html`<div class="page">
    <${Crumbs} channel=${name}>Settings</${Crumbs}>
    <div class="heading"><h1>Settings of ${name}</h1>${channel && html`<${Visibility} isPublic=${channel.isPublic} />`}</div>
    ${channel && html`<${ChannelTabs} channel=${name} role=${channel.viewerRole} />`}
    <${Region} answer=${answer}>${() => (mayManage(channel.viewerRole)
      ? html`<div class="settings">${PARTS.map((Each) => html`<${Each} channel=${channel} save=${save} onChanged=${changed} />`)}</div>`
      : html`<${NotYours} channel=${channel} what="change its settings" />`)}</${Region}>
  </div>`;
}

/**
 * One line that says how things stand; opened, what can be changed. The open part stands in the address, and what was
 * typed into another stays.
 * @param {{ title: string, state: any, word?: string, kind?: string, about?: any, children?: any }} props
 */
function Part({ title, state, word = "Change", kind = "", about, children }) {
  const name = title.toLowerCase().replaceAll(" ", "-");
  const isOpen = query("part") === name;
  const toggle = (/** @type {Event} */ event) => {
    event.preventDefault();
    setQuery({ part: isOpen ? null : name });
  };
  return html`<section aria-label=${title}><details open=${isOpen}>
    <summary onClick=${toggle}><h2>${title}</h2><span class="state">${state}</span><span class="word ${isOpen ? "" : kind}">${isOpen ? "Close" : word}</span></summary>
    <div class="stack">${about && html`<p class="muted">${about}</p>`}${children}</div>
  </details></section>`;
}

/**
 * A part with a Save of its own, which wakes when something is changed.
 * @param {{ title: string, state: any, about?: any, onSave: (values: Record<string, string>) => Promise<void>, children?: any }} props
 */
function Setting({ state, onSave, children, ...rest }) {
  const [step, setStep] = useState("");
  const submit = async (/** @type {Record<string, string>} */ values) => {
    await onSave(values);
    setStep("saved");
  };
  return html`<${Part} ...${rest} state=${step === "changed" ? html`<${Pill} kind="warn">not saved</${Pill}>` : state}>
    <div onInput=${() => setStep("changed")}><${Form} action=${step === "saved" ? "Saved" : "Save"} isReady=${step === "changed"} onSubmit=${submit}>${children}</${Form}></div>
  </${Part}>`;
}

/** @param {Own} props */
const About = ({ channel, save }) => html`<${Setting} title="About" state=${channel.description || "No description"} onSave=${(/** @type {any} */ { description, logo }) => save({ description, logo })}>
  <${TextArea} label="Description" name="description" maxlength="10000" defaultValue=${channel.description ?? ""} />
  <${Picture} logo=${channel.logo ?? ""} />
</${Setting}>`;

/** The address of a logo, or a picture, which becomes an address that holds it. @param {{ logo: string }} props */
function Picture({ logo }) {
  const [address, setAddress] = useState(logo);
  const [error, setError] = useState("");
  useEffect(() => setAddress(logo), [logo]);
  const take = async (/** @type {any} */ event) => {
    const found = await pictureOf(event.currentTarget.files[0]);
    setError(found ? "" : "This file is no picture that the browser can read. Choose a PNG, JPEG or WebP.");
    if (found) setAddress(found);
  };
  return html`
    <${Field} label="Address of the logo" name="logo" maxlength="2000" value=${address} onValue=${setAddress} inputmode="url" autocomplete="off" error=${error}
      hint="Shown here if it is on this server or in the address itself." />
    <div class="line"><label class="quiet button">Choose a picture<input class="hidden" type="file" accept="image/*" onChange=${take} /></label><${Logo} of=${address} /></div>`;
}

/** Make a picture small enough to stand in an address; "" where it is none. @param {File} file */
async function pictureOf(file) {
  try {
    const picture = await createImageBitmap(file);
    const [wide, high] = [picture.width, picture.height].map((side) => (side * LOGO) / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = LOGO;
    canvas.getContext("2d")?.drawImage(picture, (LOGO - wide) / 2, (LOGO - high) / 2, wide, high);
    const made = [0.9, 0.7, 0.5, 0.3].map((quality) => canvas.toDataURL("image/webp", quality));
    return made.find((address) => address.length <= MOST) ?? "";
  } catch {
    return "";
  }
}

/** @param {Own} props */
const Readers = ({ channel, save }) => html`<${Setting} title="Who may read it" state=${channel.isPublic ? "Everybody" : "Members only"} onSave=${(/** @type {any} */ { visibility }) => save({ isPublic: visibility === "public" })}
  about="Whoever has read a file keeps it: making a channel private takes nothing back.">
  <${Select} label="Visibility" name="visibility" value=${channel.isPublic ? "public" : "private"}
    options=${[["public", "Public: everybody, without signing in"], ["private", "Private: members only"]]} />
</${Setting}>`;

/** @param {Own} props */
const Uploads = ({ channel, save }) => html`<${Setting} title="Uploads" state="${channel.allowOverwrite ? "Owners may replace files" : "Files are never replaced"}, attestations ${KEPT[channel.attestationPolicy]}"
  onSave=${(/** @type {any} */ { overwrite, v3, twins, attestations }) => save({
    allowOverwrite: overwrite === "on", allowV3Uploads: v3 === "on", convertTarBz2: twins === "on", attestationPolicy: attestations,
  })}>
  <${Checkbox} label="Owners may replace files" name="overwrite" defaultChecked=${channel.allowOverwrite} hint="A lock file that names the former digest then fails to install." />
  <${Checkbox} label="Packages of schema v3 are taken" name="v3" defaultChecked=${channel.allowV3Uploads} hint="Older installers do not see them (CEP 43)." />
  <${Checkbox} label="Each .tar.bz2 gets a .conda beside it" name="twins" defaultChecked=${channel.convertTarBz2} hint="Made in the background; installers take the smaller, faster .conda." />
  <${Select} label="Attestations" name="attestations" value=${channel.attestationPolicy} options=${POLICIES} hint="Signed statements of where a file comes from." />
</${Setting}>`;

/** @param {Own} props */
const Clients = ({ channel, save }) => html`<${Setting} title="Clients" state=${channel.maxAge ? `Caches keep the index ${several(channel.maxAge, "second")}` : "Caches ask for the index anew each time"}
  onSave=${(/** @type {any} */ { current, age }) => save({ currentRepodata: current === "on", maxAge: Number(age) })}>
  <${Field} label="Seconds that caches may keep the index" name="age" type="number" min="0" required defaultValue=${channel.maxAge} hint="While the channel is public. 0 asks anew each time." />
  <${Checkbox} label="Serve current_repodata.json" name="current" defaultChecked=${channel.currentRepodata} hint="Only conda’s classic solver reads it." />
</${Setting}>`;

/** @param {any} channel */
function related({ relationBase, relationOverrides }) {
  const words = [relationBase && `Builds on ${relationBase.name}`, relationOverrides && `precedes ${relationOverrides.name}`].filter(Boolean);
  return words.join(", ") || "None";
}

/** @param {Own} props */
const Relations = ({ channel, save }) => html`<${Setting} title="Other channels" state=${related(channel)} about="Clients that know CEP 42 use them together with this one."
  onSave=${(/** @type {any} */ { base, overrides }) => save({ channelRelationBase: base, channelRelationOverrides: overrides })}>
  <${Field} label="Builds on" name="base" defaultValue=${channel.relationBase?.name ?? ""} ...${PLAIN} hint="The channel whose packages these need." />
  <${Field} label="Takes precedence over" name="overrides" defaultValue=${channel.relationOverrides?.name ?? ""} ...${PLAIN} />
</${Setting}>`;

/** @param {Own} props */
function Notices({ channel, onChanged }) {
  const [isAdding, setAdding] = useState(false);
  const [going, setGoing] = useState(/** @type {any} */ (null));
  const submit = async (/** @type {Record<string, string>} */ { message, level, days }) => {
    const expiresAt = new Date(Date.now() + Number(days) * DAY).toISOString();
    await graphql(NOTICE, { channel: channel.name, message, level, expiresAt });
    setAdding(false);
    await onChanged();
  };
  const withdraw = async () => {
    await graphql(WITHDRAW, { channel: channel.name, id: going.id });
    await onChanged();
  };
  return html`<${Part} title="Notices" state=${channel.notices.length ? several(channel.notices.length, "notice") : "None"} about="conda shows them to everybody who installs from here.">
      ${channel.notices.map((/** @type {any} */ notice) => html`<div class="line" key=${notice.id}>
        <p><${Pill} kind=${KINDS[notice.level] ?? ""}>${LEVELS.find(([level]) => level === notice.level)?.[1]}</${Pill}> ${notice.message}
          <span class="muted"> until <${Time} of=${notice.expiresAt} /></span></p>
        <button type="button" class="quiet danger" aria-label="Take back: ${notice.message}" onClick=${() => setGoing(notice)}>Take back</button>
      </div>`)}
      ${isAdding ? html`<${Form} action="Publish notice" onSubmit=${submit} onCancel=${() => setAdding(false)}>
          <${TextArea} label="Message" name="message" required maxlength="2000" />
          <${Select} label="Level" name="level" value="INFO" options=${LEVELS} />
          <${Select} label="Shown for" name="days" value="30" options=${[["1", "1 day"], ["7", "7 days"], ["30", "30 days"], ["180", "180 days"]]} />
        </${Form}>`
        : html`<div class="actions"><button type="button" class="quiet" onClick=${() => setAdding(true)}>New notice</button></div>`}
      ${going && html`<${Confirm} title="Take the notice back?" action="Take back" isDangerous onConfirm=${withdraw} onClose=${() => setGoing(null)}>
        <p>${going.message}</p></${Confirm}>`}
  </${Part}>`;
}

/** @param {Own} props */
const Storage = ({ channel: { size, subdirs, storageByMonth } }) => html`<${Part} title="Storage" state=${bytes(size)} word="Show">
  ${size > 0 && html`<${Bars} months=${lastMonths(storageByMonth.map(sized), { isKept: true })} noun="Size" said=${bytes} />`}
  <dl class="facts">${subdirs.filter((/** @type {any} */ { size }) => size).map((/** @type {any} */ { name, artifactCount, size }) => html`<div key=${name}>
    <dt>${name}</dt><dd>${several(artifactCount, "file")}, <${Bytes} of=${size} /></dd></div>`)}</dl>
</${Part}>`;

/** @param {{ month: string, size: number }} month */
const sized = ({ month, size }) => ({ month, count: size });

/** @param {Own} props */
function Transfer({ channel }) {
  const [login, setLogin] = useState("");
  const transfer = async () => {
    await graphql(TRANSFER, { channel: channel.name, login });
    forget();
    announce(`${channel.name} belongs to ${login} now`);
    go(path("channels", channel.name));
  };
  const ask = async (/** @type {Record<string, string>} */ values) => setLogin(values.login.trim());
  return html`<${Part} title="Transfer" state="Belongs to ${channel.ownerLogin}" word="Transfer" kind="bad" about="${channel.ownerLogin} stays as a contributor.">
    <${Form} action="Transfer" isDangerous onSubmit=${ask}>
      <${Field} label="Login of the new owner" name="login" required ...${PLAIN} />
    </${Form}>
    ${login && html`<${Confirm} title="Transfer ${channel.name} to ${login}?" action="Transfer" typed=${channel.name} isDangerous onConfirm=${transfer} onClose=${() => setLogin("")}>
      <p>${login} decides about the channel from then on, and ${channel.ownerLogin} can no longer open its settings.</p></${Confirm}>`}
  </${Part}>`;
}

/** @param {Own} props */
function Delete({ channel }) {
  const [isAsking, setAsking] = useState(false);
  const files = channel.subdirs.reduce((/** @type {number} */ sum, /** @type {any} */ subdir) => sum + subdir.artifactCount, 0);
  const remove = async () => {
    await graphql(DELETE, { name: channel.name });
    forget();
    announce(`${channel.name} was deleted`);
    go("/channels");
  };
  return html`<${Part} title="Delete" state="${several(channel.packages.totalCount, "package")}, ${several(files, "file")}" word="Delete" kind="bad" about="Files go for good. To take single ones out of the index, withdraw them instead.">
    <div class="actions"><button type="button" class="danger" onClick=${() => setAsking(true)}>Delete this channel</button></div>
    ${isAsking && html`<${Confirm} title="Delete ${channel.name}?" action="Delete channel" typed=${channel.name} isDangerous onConfirm=${remove} onClose=${() => setAsking(false)}>
      <p>This takes ${several(files, "file")} of ${several(channel.packages.totalCount, "package")} for good. Environments and lock files that name them fail to install.</p></${Confirm}>`}
  </${Part}>`;
}

const PARTS = [About, Readers, Uploads, Clients, Relations, Notices, Storage, Transfer, Delete];
