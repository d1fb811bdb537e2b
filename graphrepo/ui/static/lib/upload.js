// Files on their way to a channel. The queue belongs to no page: it goes on while one browses,
// three files at a time, and a file that is refused holds up no other.

import { bytes, path, several } from "./facts.js";
import { announce } from "./navigation.js";
import { signal } from "./preact.js";
import { activity, forget, session } from "./server.js";

/**
 * waiting → sending → checking → done (new) or unchanged (these bytes were there); "later" waits
 * for another try after the connection broke; refused is the server's last word, stopped ours.
 * @typedef {"waiting" | "sending" | "checking" | "later" | "done" | "unchanged" | "refused" | "stopped"} Phase
 * @typedef {{
 *   phase: Phase, sent: number, speed: number, isSlow: boolean, sentence: string, code: string, subdir: string,
 * }} State `sent` in bytes, `speed` in bytes a second (0 while unknown)
 */

const AT_ONCE = 3;
const NEXT_TRIES = [2000, 8000];
const REFRESH = 100;
const PORTION = 8; // milliseconds
const SLOW = 30_000;
const UNREACHABLE = [0, 502, 503, 504];
const NAME = /^(_?[a-z0-9]+(?:[._-][a-z0-9]+)*)-([0-9a-z._+!]+)-([a-zA-Z0-9_.+]+)\.(?:conda|tar\.bz2)$/;
const MAGIC = /** @type {const} */ ([[".conda", [0x50, 0x4b, 0x03, 0x04]], [".tar.bz2", [0x42, 0x5a, 0x68]]]);
const ACTIVE = ["sending", "checking"];
const OPEN = ["waiting", "later", ...ACTIVE];

/** @type {State} */
const FRESH = { phase: "waiting", sent: 0, speed: 0, isSlow: false, sentence: "", code: "", subdir: "" };

/** One file for one channel. Its state is a signal of its own: a tick of it redraws one row. */
export class Item {
  /** @param {File} file @param {string} channel */
  constructor(file, channel) {
    this.key = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.file = file;
    this.channel = channel;
    this.name = NAME.exec(file.name)?.[1] ?? "";
    this.isForced = false;
    this.tries = 0;
    this.timer = 0;
    /** When anything last moved, in milliseconds. */
    this.moved = 0;
    /** @type {XMLHttpRequest | null} */
    this.request = null;
    this.state = signal(FRESH);
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.moved = Date.now();
    this.state.value = { ...this.state.peek(), isSlow: false, ...changes };
  }

  get isOpen() {
    return OPEN.includes(this.state.peek().phase);
  }
}

/** All files of this visit, in the order they came. */
export const items = signal(/** @type {readonly Item[]} */ ([]));

/** How many files of a channel are in which phase; changes only when a phase does. */
export const progress = signal(0);

let isDrawn = true;

/** Let the list be drawn anew: once in a frame, however many files have moved. */
function redraw() {
  if (isDrawn) requestAnimationFrame(() => {
    isDrawn = true;
    progress.value += 1;
  });
  isDrawn = false;
}

/** Whether anything was stored since the pages last asked: they ask once more when all is done. */
let hasNews = false;

/** Whether the session has ended under way: the queue waits for somebody to sign in. */
export const isPaused = signal(false);

/**
 * Add files; what can be seen to fail is refused without being sent. They come in portions, since
 * the browser looks each size up on the disk, and waits for it.
 * @param {readonly File[]} files
 * @param {string} channel
 */
export async function add(files, channel) {
  for (let left = [...files]; left.length; await new Promise((resolve) => setTimeout(resolve))) {
    const open = items.peek().filter((item) => item.isOpen && item.channel === channel);
    const queued = new Set(open.map(({ file }) => file.name));
    const added = [];
    for (const end = performance.now() + PORTION; left.length && performance.now() < end; left = left.slice(1)) added.push(checked(left[0], channel, queued));
    items.value = [...items.peek(), ...added];
    pump();
  }
}

/** @param {File} file @param {string} channel @param {Set<string>} queued names that are on their way */
function checked(file, channel, queued) {
  const item = new Item(file, channel);
  const sentence = complaint(item, queued);
  if (sentence) item.set({ phase: "refused", sentence, code: "unsent" });
  else queued.add(file.name);
  return item;
}

/**
 * What is wrong with a file that can be told without reading it, or "".
 * @param {Item} item @param {ReadonlySet<string>} queued
 */
function complaint({ file, name }, queued) {
  const limit = session.peek().instance?.maxUploadBytes ?? Number.POSITIVE_INFINITY;
  if (!/\.(conda|tar\.bz2)$/.test(file.name)) return "This is no conda package. Choose files that end in .conda or .tar.bz2.";
  if (!name) return "The name must be name-version-build, in lowercase letters, digits and . _ + ! only. Build the package again under such a name.";
  if (file.size === 0) return "The file is empty. Build or download it again.";
  if (file.size > limit) return `The file has ${bytes(file.size)}, and this server takes files of up to ${bytes(limit)}. An administrator can raise the limit.`;
  return queued.has(file.name) ? "A file of this name is already in the list. Wait until it is finished." : "";
}

/** What is wrong with the first bytes of a file, or "". @param {File} file */
async function badStart(file) {
  const magic = MAGIC.find(([ending]) => file.name.endsWith(ending))?.[1] ?? [];
  try {
    const start = new Uint8Array(await file.slice(0, magic.length).arrayBuffer());
    const isRight = magic.every((byte, index) => start[index] === byte);
    return isRight ? "" : "The contents are not what the name ends in. Build or download the file again.";
  } catch {
    return "The file cannot be read any more. Choose it again.";
  }
}

/** Start what may start, and tell the top bar. */
function pump() {
  const active = items.peek().filter((item) => ACTIVE.includes(item.state.peek().phase)).length;
  const waiting = items.peek().filter((item) => item.state.peek().phase === "waiting");
  if (!isPaused.peek()) for (const item of waiting.slice(0, AT_ONCE - active)) start(item);
  redraw();
  tell();
}

/** The count in the top bar, and the question before the page is left. */
function tell() {
  const all = items.peek();
  const open = all.filter((item) => item.isOpen);
  activity.value = open.length ? { done: all.length - open.length, total: all.length, href: path("channels", open[0].channel, "upload") } : null;
  if (open.length) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

/** @param {Event} event */
const ask = (event) => event.preventDefault();

/** @param {Item} item */
async function start(item) {
  item.set({ ...FRESH, phase: "sending" });
  const sentence = await badStart(item.file);
  if (item.state.peek().phase !== "sending") return;
  if (sentence) finish(item, { phase: "refused", sentence, code: "unsent" });
  else send(item);
}

/** Send one file as the request's body. @param {Item} item */
function send(item) {
  // fetch tells nothing of how much has been sent.
  const request = (item.request = new XMLHttpRequest());
  request.open("POST", `/api/v1/upload/${encodeURIComponent(item.channel)}${item.isForced ? "?force=true" : ""}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-File-Name", item.file.name);
  request.setRequestHeader("X-Graphrepo-Csrf", "1");
  request.setRequestHeader("Accept", "application/json");
  const measured = meter(item);
  request.upload.onprogress = (event) => measured(event.loaded);
  request.upload.onload = () => item.set({ phase: "checking", sent: item.file.size });
  request.onload = () => settle(item, request.status, request.responseText);
  request.onerror = () => settle(item, 0, "");
  request.send(item.file);
}

/** Keep a speed that does not jump, and draw it ten times a second at most. @param {Item} item */
function meter(item) {
  let [drawn, sent, speed] = [performance.now(), 0, 0];
  return (/** @type {number} */ loaded) => {
    const now = performance.now();
    if (now - drawn < REFRESH) return;
    const latest = ((loaded - sent) / (now - drawn)) * 1000;
    speed = speed ? 0.8 * speed + 0.2 * latest : latest;
    [drawn, sent] = [now, loaded];
    item.set({ sent, speed });
  };
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Understand an answer. @param {Item} item @param {number} status @param {string} text */
function settle(item, status, text) {
  const answer = parsed(text);
  if (UNREACHABLE.includes(status)) return interrupted(item);
  if (status === 401) return pause(item);
  if (status === 200 || status === 201) {
    hasNews = true;
    const sentence = (answer.warnings ?? []).join(" ");
    return finish(item, { phase: answer.created === false ? "unchanged" : "done", subdir: answer.subdir ?? "", sentence });
  }
  const sentence = answer.message || `The server refused the file with status ${status}. Try again, or tell an administrator.`;
  return finish(item, { phase: "refused", sentence, code: answer.code ?? "" });
}

/** The connection broke: twice it is tried again by itself. @param {Item} item */
function interrupted(item) {
  const { sent } = item.state.peek();
  const sentence = `The connection dropped at ${bytes(sent)} of ${bytes(item.file.size)}. Nothing was stored.`;
  const pauseLength = NEXT_TRIES[item.tries];
  if (pauseLength === undefined) return finish(item, { phase: "stopped", sentence, code: "offline" });
  item.tries += 1;
  item.set({ phase: "later", sentence });
  item.timer = setTimeout(() => wait(item), pauseLength);
  return pump();
}

/** @param {Item} item */
function wait(item) {
  item.set(FRESH);
  pump();
}

/** @param {Item} item whose session has ended */
function pause(item) {
  isPaused.value = true;
  wait(item);
}

/** Go on after signing in. */
export function resume() {
  isPaused.value = false;
  pump();
}

/** @param {Item} item @param {Partial<State>} end */
function finish(item, end) {
  item.request = null;
  item.set(end);
  pump();
  const left = items.peek().filter(({ isOpen }) => isOpen).length;
  if (!left && hasNews) {
    hasNews = false;
    forget();
  }
  if (end.phase === "refused") announce(`${item.file.name} was refused. ${end.sentence}`);
  else if (!left) announce(`${several(items.peek().length, "file")} finished`);
}

/** Give up a file that is not finished. @param {Item} item */
export function cancel(item) {
  clearTimeout(item.timer);
  item.request?.abort();
  finish(item, { phase: "stopped", sentence: "You stopped it. Nothing was stored." });
}

/** Send a file once more, perhaps in place of the one that has its name. @param {Item} item @param {boolean} [isForced] */
export function again(item, isForced = false) {
  item.isForced = isForced;
  item.tries = 0;
  wait(item);
}

/** Take finished files of a channel off the list. @param {string} channel */
export function clear(channel) {
  items.value = items.peek().filter((item) => item.isOpen || item.channel !== channel);
  redraw();
}

// A request that stands still is not an error yet, but worth a word.
setInterval(() => {
  for (const item of items.peek()) {
    const state = item.state.peek();
    if (ACTIVE.includes(state.phase) && !state.isSlow && Date.now() - item.moved > SLOW) item.state.value = { ...state, isSlow: true };
  }
}, 1000);
