// CI jobs that may upload to a channel without a stored secret.

import { Time } from "../lib/facts.js";
import { announce, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { forget, graphql, useAnswer } from "../lib/server.js";
import { Confirm, Field, Form, PLAIN, Select } from "../ui/forms.js";
import { Table } from "../ui/lists.js";
import { ChannelTabs, Crumbs, Empty, mayManage, Missing, NotYours, Region } from "../ui/parts.js";

const PUBLISHERS = `query Publishers($channel: String!) {
  channel(name: $channel) {
    name viewerRole ownerLogin channelMembers { username isOwner }
    oidcPublishers { id provider repositoryOwner repository namespace project workflow environment ref email subject createdBy createdAt }
  }
}`;
const DELETE = `mutation DeletePublisher($channel: String!, $id: ID!) { deleteOidcPublisher(channelName: $channel, id: $id) }`;

/** @typedef {readonly [name: string, label: string, hint?: string, isOptional?: true]} Input */

/** @type {Input[]} */
const WHERE = [
  ["environment", "Environment", "Left empty, any will do.", true],
  ["ref", "Branch or tag", "Such as refs/heads/main. Left empty, any will do.", true],
];
/** What each service calls a job; its mutation takes the same names. @type {Record<string, { word: string, mutation: string, inputs: Input[] }>} */
const SERVICES = {
  GITHUB: { word: "GitHub", mutation: "addGithubOidcPublisher", inputs: [["owner", "Owner", "The account or organisation."], ["repository", "Repository"],
    ["workflow", "Workflow", "The name of its file in .github/workflows, such as release.yml."], ...WHERE] },
  GITLAB: { word: "GitLab", mutation: "addGitlabOidcPublisher", inputs: [["namespace", "Namespace", "The group or user."], ["project", "Project"],
    ["workflow", "Pipeline", "Its file. Left empty, .gitlab-ci.yml.", true], ...WHERE] },
  GOOGLE: { word: "Google Cloud", mutation: "addGoogleOidcPublisher", inputs: [["email", "Service account", "Its address."],
    ["subject", "Number", "Of the account; no other can take it.", true]] },
};

/** The operation that adds a job of a service. @param {string} service */
function adding(service) {
  const { mutation, inputs } = SERVICES[service];
  const asked = inputs.map(([name, , , isOptional]) => `, $${name}: String${isOptional ? "" : "!"}`).join("");
  return `mutation AddPublisher($channelName: String!${asked}) { ${mutation}(channelName: $channelName${inputs.map(([name]) => `, ${name}: $${name}`).join("")}) { id } }`;
}

/** @param {any} publisher */
const nameOf = ({ repositoryOwner, repository, namespace, project, email }) => email ?? `${repositoryOwner ?? namespace}/${repository ?? project}`;

/** @param {{ params: { channel: string } }} props */
export default function Publishers({ params: { channel: name } }) {
  useTitle("CI", name);
  const answer = useAnswer(PUBLISHERS, { channel: name });
  const channel = answer.data?.channel;
  if (channel === null) return html`<${Missing} />`;
  const changed = async (/** @type {string} */ what) => {
    announce(what);
    forget();
    await answer.again();
  };
  return html`<div class="page">
    <${Crumbs} channel=${name}>CI</${Crumbs}>
    <div class="heading"><h1>CI jobs of ${name}</h1></div>
    ${channel && html`<${ChannelTabs} channel=${name} role=${channel.viewerRole} />`}
    <${Region} answer=${answer}>${() => (mayManage(channel.viewerRole)
      ? html`<${Jobs} channel=${channel} onChanged=${changed} />`
      : html`<${NotYours} channel=${channel} what="decide which CI jobs it trusts" />`)}</${Region}>
  </div>`;
}

/** @typedef {{ channel: any, onChanged: (what: string) => Promise<void> }} Own */

/** @param {Own} props */
const Jobs = (props) => html`<div class="stack wide">
  <p>Jobs that are named here upload to ${props.channel.name} without a stored secret: rattler-build and pixi show the server the token that the service gives them.
    For all others, <a href="/account/keys">make a key</a>.</p>
  <${List} ...${props} />
  <${Add} ...${props} />
</div>`;

/** @param {Own} props */
function List({ channel, onChanged }) {
  const [going, setGoing] = useState(/** @type {any} */ (null));
  const remove = async () => {
    await graphql(DELETE, { channel: channel.name, id: going.id });
    await onChanged(`${nameOf(going)} is trusted no longer`);
  };
  /** @type {import("../ui/lists.js").Column[]} */
  const columns = [
    { title: "Job", kind: "main", cell: (job) => html`${nameOf(job)}<span class="note">${[job.workflow, job.environment && `environment ${job.environment}`, job.ref, job.subject].filter(Boolean).join(", ")}</span>` },
    { title: "Service", cell: ({ provider }) => SERVICES[provider]?.word ?? provider },
    { title: "Added", kind: "faint", cell: ({ createdAt, createdBy }) => html`<${Time} of=${createdAt} /> by ${createdBy}` },
    { title: "Actions", kind: "number", cell: (job) => html`<button type="button" class="quiet danger" aria-label="Remove ${nameOf(job)}" onClick=${() => setGoing(job)}>Remove</button>` },
  ];
  return html`${channel.oidcPublishers.length ? html`<${Table} label="CI jobs" columns=${columns} rows=${channel.oidcPublishers} />`
      : html`<${Empty}><p>${channel.name} trusts no job yet.</p></${Empty}>`}
    ${going && html`<${Confirm} title="Trust ${nameOf(going)} no longer?" action="Remove" isDangerous onConfirm=${remove} onClose=${() => setGoing(null)}>
      <p>Tokens that its jobs hold end at once. What they uploaded stays.</p></${Confirm}>`}`;
}

/** @param {Own} props */
function Add({ channel, onChanged }) {
  const [service, setService] = useState("GITHUB");
  const [attempt, setAttempt] = useState(0);
  const submit = async (/** @type {Record<string, string>} */ { service: _, ...values }) => {
    const given = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim() || null]));
    await graphql(adding(service), { channelName: channel.name, ...given });
    setAttempt(attempt + 1);
    await onChanged("The job was added");
  };
  const { inputs } = SERVICES[service];
  const field = (/** @type {Input} */ [name, label, hint, isOptional]) => html`<${Field} key=${service + name} label=${label} name=${name} hint=${hint} required=${!isOptional} ...${PLAIN} />`;
  return html`<section class="stack paired"><h2>Trust a job</h2>
    <${Form} key=${attempt} action="Add" onSubmit=${submit}>
      <${Select} label="Service" name="service" value=${service} options=${Object.entries(SERVICES).map(([key, { word }]) => [key, word])} onValue=${setService} />
      ${inputs.filter(([, , , isOptional]) => !isOptional).map(field)}
      <details key=${service}><summary>Narrow it down</summary><div class="pairs">${inputs.filter(([, , , isOptional]) => isOptional).map(field)}</div></details>
    </${Form}>
  </section>`;
}
