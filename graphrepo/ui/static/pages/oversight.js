// Administration: what the server does by itself, and what is withdrawn from everybody.

import { count, path, Pill, several, Time } from "../lib/facts.js";
import { announce, query } from "../lib/navigation.js";
import { html, useEffect, useState } from "../lib/preact.js";
import { forget, graphql, useAnswer } from "../lib/server.js";
import { Administration, Found, pageOf } from "./admin.js";
import { Confirm, Dialog, Field, Form, PLAIN, Select } from "../ui/forms.js";
import { Toggles } from "../ui/lists.js";

const JOBS = `query Jobs($filters: BackgroundJobFilter, $limit: Int, $page: Int) {
  backgroundJobs(filters: $filters, limit: $limit, page: $page) {
    current pages totalCount
    page { id type state total done failed channelName startedBy createdAt finishedAt results { item ok message } }
  }
}`;
const WORDS = /** @type {Record<string, string>} */ ({ COPY_PACKAGES: "Copy packages", DELETE_PACKAGES: "Delete packages", PUBLISH_TWINS: "Convert to .conda" });
const JOB_STATES = /** @type {const} */ ([["", "All"], ["queued", "Waiting"], ["running", "Under way"], ["done", "Done"], ["failed", "Failed"]]);
const KINDS = /** @type {Record<string, string>} */ ({ DONE: "ok", FAILED: "bad", RUNNING: "warn" });
const REFRESH = 3000;
const MOST_FAILURES = 20;

/** @param {any} job */
const isOpen = ({ state }) => state === "QUEUED" || state === "RUNNING";

/** @type {import("../ui/lists.js").Column[]} */
const JOB_COLUMNS = [
  { title: "Job", kind: "main", cell: (job) => html`${WORDS[job.type] ?? job.type}<span class="note">in <a href=${path("channels", job.channelName)}>${job.channelName}</a>, by ${job.startedBy}</span><${Trouble} of=${job.results} />` },
  { title: "State", cell: ({ state }) => html`<${Pill} kind=${KINDS[state] ?? ""}>${JOB_STATES.find(([word]) => word === state.toLowerCase())?.[1] ?? state}</${Pill}>` },
  { title: "Items", kind: "number", cell: ({ total, done, failed }) => html`${count(done + failed)} of ${count(total)}${failed > 0 && `, ${count(failed)} failed`}` },
  { title: "Started", kind: "faint", cell: ({ createdAt }) => html`<span class="label">started </span><${Time} of=${createdAt} />` },
  { title: "Ended", kind: "faint", cell: ({ finishedAt }) => finishedAt && html`<span class="label">ended </span><${Time} of=${finishedAt} />` },
];

export function Jobs() {
  const state = query("state");
  const answer = useAnswer(JOBS, pageOf(state ? { state: state.toUpperCase() } : null));
  const isMoving = Boolean(answer.data?.backgroundJobs.page.some(isOpen));
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => document.hidden || answer.again(), REFRESH);
    return () => clearInterval(timer);
  }, [isMoving, state]);
  return html`<${Administration} part="Jobs">
    <${Toggles} label="Which jobs" name="state" choices=${JOB_STATES} />
    <${Found} answer=${answer} of="backgroundJobs" noun="job" label="Jobs" columns=${JOB_COLUMNS} none="No job is like that." />
  </${Administration}>`;
}

/** What failed, in the server's sentences. @param {{ of: readonly { item: string, ok: boolean, message: string | null }[] }} props */
function Trouble({ of }) {
  const failed = of.filter(({ ok }) => !ok);
  if (!failed.length) return null;
  return html`<details><summary>${several(failed.length, "failure")}</summary>
    <ul class="failures">${failed.slice(0, MOST_FAILURES).map(({ item, message }) => html`<li key=${item}><span class="mono">${item}</span> ${message}</li>`)}
      ${failed.length > MOST_FAILURES && html`<li>and ${count(failed.length - MOST_FAILURES)} more</li>`}</ul>
  </details>`;
}

const QUARANTINES = `query Quarantines($filters: QuarantineFilter, $limit: Int, $page: Int) {
  quarantines(filter: $filters, limit: $limit, page: $page) {
    current pages totalCount
    page { id action isActive reason matchSpec channels totalCount createdBy createdAt revokedBy revokedAt }
  }
}`;
const APPLY = `mutation ApplyQuarantine($action: QuarantineAction!, $reason: String!, $matchSpec: String, $channels: [String!], $dryRun: Boolean) {
  applyQuarantine(action: $action, reason: $reason, matchSpec: $matchSpec, channels: $channels, dryRun: $dryRun) {
    totalCount variants(limit: 8) { page { filename platform } }
  }
}`;
const REVOKE = `mutation RevokeQuarantine($id: ID!) { revokeQuarantine(id: $id) { id } }`;
const ACTIONS = /** @type {const} */ ([["YANK", "Take out of the index: lock files that name a file still install it"], ["DELETE", "Take away: nobody gets the files"]]);
const STATES = /** @type {const} */ ([["", "In force"], ["all", "All"]]);

/** @param {(quarantine: any) => void} release @returns {import("../ui/lists.js").Column[]} */
const quarantineColumns = (release) => [
  { title: "Files", kind: "main", cell: ({ matchSpec, channels, totalCount, reason }) => html`${matchSpec ? html`<span class="mono">${matchSpec}</span>` : "Chosen files"}
    <span class="note">${several(totalCount, "file")}${channels.length ? ` in ${channels.join(", ")}` : ""}</span><span class="note">${reason}</span>` },
  { title: "State", cell: ({ action, isActive }) => (isActive ? html`<${Pill} kind=${action === "DELETE" ? "bad" : "warn"}>${action === "DELETE" ? "taken away" : "out of the index"}</${Pill}>` : html`<${Pill}>released</${Pill}>`) },
  { title: "By", cell: ({ createdBy, revokedBy }) => (revokedBy ? `${createdBy}, released by ${revokedBy}` : createdBy) },
  { title: "When", kind: "faint", cell: ({ createdAt, revokedAt }) => html`<${Time} of=${revokedAt ?? createdAt} />` },
  { title: "Actions", kind: "number", cell: (quarantine) => quarantine.isActive && html`<button type="button" class="quiet" aria-label="Release ${quarantine.matchSpec ?? quarantine.reason}" onClick=${() => release(quarantine)}>Release</button>` },
];

export function Quarantine() {
  const [isNew, setNew] = useState(false);
  const [releasing, setReleasing] = useState(/** @type {any} */ (null));
  const answer = useAnswer(QUARANTINES, pageOf(query("show") === "all" ? null : { isActive: true }));
  const done = (/** @type {string} */ what) => {
    announce(what);
    forget();
  };
  const release = async () => {
    await graphql(REVOKE, { id: releasing.id });
    done("The files were released");
  };
  return html`<${Administration} part="Quarantine" action=${html`<button type="button" onClick=${() => setNew(true)}>New quarantine</button>`}>
    <${Toggles} label="Which quarantines" name="show" choices=${STATES} />
    <${Found} answer=${answer} of="quarantines" noun="quarantine" label="Quarantines" columns=${quarantineColumns(setReleasing)} none="No file is in quarantine." />
    ${isNew && html`<${NewQuarantine} onDone=${done} onClose=${() => setNew(false)} />`}
    ${releasing && html`<${Confirm} title="Release ${several(releasing.totalCount, "file")}?" action="Release" onConfirm=${release} onClose=${() => setReleasing(null)}>
      <p>Each is again as its owners left it.</p></${Confirm}>`}
  </${Administration}>`;
}

/** First which files are meant, then the second look. @param {{ onDone: (what: string) => void, onClose: () => void }} props */
function NewQuarantine({ onDone, onClose }) {
  const [meant, setMeant] = useState(/** @type {any} */ (null));
  const look = async (/** @type {Record<string, string>} */ { matchSpec, channels, reason, action }) => {
    const wanted = { action, reason: reason.trim(), matchSpec: matchSpec.trim(), channels: channels.trim() ? channels.trim().split(/[\s,]+/) : null };
    const { applyQuarantine } = await graphql(APPLY, { ...wanted, dryRun: true });
    setMeant({ wanted, ...applyQuarantine });
  };
  const apply = async () => {
    await graphql(APPLY, meant.wanted);
    onDone(`${several(meant.totalCount, "file")} withdrawn`);
  };
  if (meant?.totalCount) return html`<${Confirm} title="Withdraw ${several(meant.totalCount, "file")}?" action="Withdraw" isDangerous onConfirm=${apply} onClose=${onClose}>
    <p>${ACTIONS.find(([key]) => key === meant.wanted.action)?.[1]}. Owners cannot undo it.</p>
    <ul class="failures mono">${meant.variants.page.map((/** @type {any} */ { platform, filename }) => html`<li key=${platform + filename}>${platform}/${filename}</li>`)}</ul>
    ${meant.totalCount > meant.variants.page.length && html`<p>and ${several(meant.totalCount - meant.variants.page.length, "more file")}</p>`}
  </${Confirm}>`;
  return html`<${Dialog} title="Quarantine files" onClose=${onClose}>
    <${Form} action="Show the files" onSubmit=${look} onCancel=${onClose}>
      <${Field} label="MatchSpec" name="matchSpec" required ...${PLAIN} defaultValue=${meant?.wanted.matchSpec ?? ""}
        hint="Such as xz 5.6.0 or xz >=5.6,<5.6.2" error=${meant ? "No file is like that. Check the name and the version." : ""} onValue=${() => setMeant(null)} />
      <${Field} label="Channels" name="channels" ...${PLAIN} hint="Names with spaces between them. Left empty, all channels." />
      <${Field} label="Reason" name="reason" required maxlength="1000" hint="Everyone who looks at the files reads it." />
      <${Select} label="What happens" name="action" value="YANK" options=${ACTIONS} />
    </${Form}>
  </${Dialog}>`;
}
