// Upload: bring files, see each on its way, read why one was refused.

import { bytes, Name, Pill, several } from "../lib/facts.js";
import { useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { loadSession, post, session, useAnswer } from "../lib/server.js";
import { add, again, cancel, clear, isPaused, items, progress, resume } from "../lib/upload.js";
import { FileDrop } from "../ui/filedrop.js";
import { Confirm, Dialog, Field, Form } from "../ui/forms.js";
import { ChannelTabs, CommandBox, Commands, Crumbs, mayManage, mayUpload, Missing, Notice, NotYours, Region, uploading } from "../ui/parts.js";

const CHANNEL = `query UploadChannel($channel: String!) {
  channel(name: $channel) { name baseUrl viewerRole ownerLogin allowOverwrite channelMembers { username isOwner } }
}`;

/** @typedef {import("../lib/upload.js").Item} Item */
/** @typedef {import("../lib/upload.js").State} State */

/** @param {{ params: { channel: string } }} props */
export default function Upload({ params: { channel: name } }) {
  useTitle("Upload", name);
  const answer = useAnswer(CHANNEL, { channel: name });
  const channel = answer.data?.channel;
  if (channel === null) return html`<${Missing} />`;
  return html`<div class="page">
    <${Crumbs} channel=${name}>Upload</${Crumbs}>
    <div class="heading"><h1>Upload to ${name}</h1></div>
    ${channel && html`<${ChannelTabs} channel=${name} role=${channel.viewerRole} />`}
    <${Region} answer=${answer}>${() => (mayUpload(channel.viewerRole) ? html`<${Desk} channel=${channel} />` : html`<${NotYours} channel=${channel} what="upload" />`)}</${Region}>
  </div>`;
}

/** @param {{ channel: any }} props */
function Desk({ channel }) {
  const [skipped, setSkipped] = useState(0);
  const take = (/** @type {File[]} */ files, /** @type {number} */ others) => {
    setSkipped(others);
    add(files, channel.name);
  };
  const { instance } = session.value;
  return html`<div class="stack wide">
    <div class="stack">
      <${FileDrop} onFiles=${take} />
      ${instance && html`<p class="muted">Up to ${bytes(instance.maxUploadBytes)} a file.</p>`}
      ${skipped > 0 && html`<${Notice}>${several(skipped, "other file")} of the folder ${skipped === 1 ? "is" : "are"} no package and stayed behind.</${Notice}>`}
    </div>
    ${isPaused.value && html`<${Paused} />`}
    <${Queue} channel=${channel} />
    <section class="stack"><h2>From a terminal</h2><${Commands} label="From a terminal" choices=${uploading(channel)} /></section>
  </div>`;
}

const MOST = 60; // rows that are drawn at once
const RANKS = ["done", "unchanged", "waiting", "later", "checking", "sending", "stopped", "refused"];

/** What needs a look comes first, what is finished last. @param {Item} item */
const rank = (item) => -RANKS.indexOf(item.state.peek().phase);

/** @param {{ channel: any }} props */
function Queue({ channel }) {
  const [drawn, setDrawn] = useState(MOST);
  progress.value; // phases are read below without being listened to, so that bytes redraw rows alone
  const own = items.value.filter((item) => item.channel === channel.name);
  if (!own.length) return null;
  const count = (/** @type {readonly string[]} */ ...phases) => own.filter((item) => phases.includes(item.state.peek().phase)).length;
  const isOpen = own.some((item) => item.isOpen);
  const sorted = isOpen && own.length <= drawn ? own : own.toSorted((left, right) => rank(left) - rank(right));
  const names = [...new Set(own.filter((item) => ["done", "unchanged"].includes(item.state.peek().phase)).map(({ name }) => name))];
  const ends = /** @type {const} */ ([["in the channel", count("done")], ["already there", count("unchanged")], ["refused", count("refused")], ["stopped", count("stopped")]]);
  const sum = ends.filter(([, number]) => number).map(([word, number]) => `${number} ${word}`).join(", ");
  return html`<section class="stack" aria-label="Files">
    <div class="heading"><h2>${isOpen ? `${count("done", "unchanged", "refused", "stopped")} of ${several(own.length, "file")} finished` : sum}</h2>
      ${!isOpen && html`<button type="button" class="quiet end" onClick=${() => clear(channel.name)}>Clear the list</button>`}</div>
    <ul class="uploads">${sorted.slice(0, drawn).map((item) => html`<${Row} key=${item.key} item=${item} channel=${channel} />`)}</ul>
    ${own.length > drawn && html`<p><button type="button" class="quiet" onClick=${() => setDrawn(drawn + MOST)}>Show ${Math.min(own.length - drawn, MOST)} more</button></p>`}
    ${!isOpen && names.length > 0 && html`<${CommandBox} line=${`pixi workspace channel add ${channel.baseUrl}\npixi add ${names.slice(0, 10).join(" ")}`} label="the pixi command" />`}
  </section>`;
}

/** @param {{ item: Item, channel: any }} props */
function Row({ item, channel }) {
  const state = item.state.value;
  const { file, name } = item;
  return html`<li class="upload">
    <p class="file mono"><strong><${Name} of=${name} /></strong><${Name} of=${file.name.slice(name.length)} /></p>
    <p class="size">${state.subdir && html`<span>${state.subdir}</span>`}<span class="number">${bytes(file.size)}</span></p>
    <div class="state"><${Progress} item=${item} state=${state} /></div>
    <div class="acts"><${Acts} item=${item} state=${state} channel=${channel} /></div>
    ${state.sentence && html`<p class="sentence ${state.phase === "refused" ? "bad" : ""}">${state.sentence}</p>`}
  </li>`;
}

const ENDS = /** @type {Record<string, readonly ["" | "ok" | "warn" | "bad", string]>} */ ({
  waiting: ["", "Waiting"], later: ["warn", "Trying again soon"], done: ["ok", "In the channel"],
  unchanged: ["ok", "Already there"], refused: ["bad", "Refused"], stopped: ["warn", "Stopped"],
});

/** @param {{ item: Item, state: State }} props */
function Progress({ item: { file }, state: { phase, sent, speed, isSlow } }) {
  if (ENDS[phase]) return html`<${Pill} kind=${ENDS[phase][0]}>${ENDS[phase][1]}</${Pill}>`;
  const isSending = phase === "sending";
  const rate = isSending && speed ? `${bytes(speed)}/s` : "";
  const word = isSlow ? "Still waiting for the server" : isSending ? `${Math.floor((100 * sent) / file.size)} %` : "Checking";
  return html`<progress aria-label=${file.name} max=${file.size} value=${isSending ? sent : undefined}></progress>
    <span class="rate">${word}${rate && ` · ${rate}`}</span>`;
}

/** @param {{ item: Item, state: State, channel: any }} props */
function Acts({ item, state: { phase, code }, channel }) {
  const [isAsking, setAsking] = useState(false);
  const button = (/** @type {string} */ word, /** @type {() => void} */ act) =>
    html`<button type="button" class="quiet" aria-label="${word}: ${item.file.name}" onClick=${act}>${word}</button>`;
  const mayReplace = code === "file_exists" && channel.allowOverwrite && mayManage(channel.viewerRole);
  if (["waiting", "sending", "checking", "later"].includes(phase)) return button("Cancel", () => cancel(item));
  if (phase === "stopped") return button("Try again", () => again(item));
  if (phase !== "refused" || code === "unsent") return null;
  if (!mayReplace) return code === "file_exists" ? null : button("Try again", () => again(item));
  return html`${button("Replace", () => setAsking(true))}
    ${isAsking && html`<${Confirm} title="Replace ${item.file.name}?" action="Replace" isDangerous
      onConfirm=${async () => again(item, true)} onClose=${() => setAsking(false)}>
      <p>The file that is there now is gone for good. Lock files that name its digest will fail to install.</p>
    </${Confirm}>`}`;
}

/** The session ended under way: sign in here, and the queue goes on. Who closes the dialog finds the way back to it. */
function Paused() {
  const [isAsking, setAsking] = useState(true);
  const submit = async (/** @type {Record<string, string>} */ { login, password }) => {
    await post("/api/auth/login", { login, password });
    await loadSession();
    resume();
  };
  if (!isAsking) return html`<${Notice} kind="warn"><p>Your session has ended. The files wait until you sign in.</p>
    <button type="button" class="quiet" onClick=${() => setAsking(true)}>Sign in to go on</button></${Notice}>`;
  return html`<${Dialog} title="Sign in to go on" onClose=${() => setAsking(false)}>
    <p>Your session has ended. The files wait until you sign in.</p>
    <${Form} action="Sign in" onSubmit=${submit}>
      <${Field} label="Login" name="login" required autocomplete="username" value=${session.value.viewer?.login ?? ""} />
      <${Field} label="Password" name="password" type="password" required autocomplete="current-password" />
    </${Form}>
  </${Dialog}>`;
}
