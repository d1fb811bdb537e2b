// A new channel: its name is checked while it is typed.

import { path } from "../lib/facts.js";
import { go, useTitle } from "../lib/navigation.js";
import { html, useState } from "../lib/preact.js";
import { forget, graphql, session, useAnswer, useSettled } from "../lib/server.js";
import { Field, Form, PLAIN, Select, TextArea } from "../ui/forms.js";
import { SignInFirst } from "../ui/parts.js";

const TAKEN = `query ChannelTaken($name: String!) { channel(name: $name) { name } }`;
const CREATE = `mutation CreateChannel($name: String!, $description: String, $isPublic: Boolean!) {
  createChannel(name: $name, description: $description, isPublic: $isPublic) { name }
}`;

const PATTERN = /^[a-z0-9_][a-z0-9_.-]*$/;
const LONGEST = 128;
// First parts of addresses that lead elsewhere, and names that clients take for a platform.
const RESERVED = ("t api label graphql static defaults local plus channels search account admin login setup graphiql healthz readyz health "
  + "metrics ui logout users packages docs assets favicon.ico robots.txt noarch").split(" ");
const PLATFORM = /^(linux|osx|win|freebsd|emscripten|wasi|zos)-[a-z0-9]+$/;

/**
 * What is wrong with a name, or "": the rules of CEP 26.
 * @param {string} name
 */
export function complaint(name) {
  if (!name) return "";
  if (name !== name.toLowerCase()) return "Use lowercase letters only.";
  if (!/^[a-z0-9_]/.test(name)) return "Begin with a letter, a digit or _.";
  if (!PATTERN.test(name)) return "Use letters, digits, _ - and . only.";
  if (name.length > LONGEST) return `Use ${LONGEST} characters at most.`;
  return RESERVED.includes(name) || PLATFORM.test(name) ? "This name is reserved. Choose another." : "";
}

export default function NewChannel() {
  useTitle("New channel");
  const [name, setName] = useState("");
  const settled = useSettled(name);
  const wrong = complaint(name);
  const isAsked = settled === name && name !== "" && !wrong;
  const answer = useAnswer(TAKEN, { name: settled }, { isWanted: isAsked });
  const isKnown = isAsked && !answer.isStale && answer.data !== undefined;
  const isTaken = isKnown && answer.data.channel?.name === name;
  const { viewer, instance } = session.value;
  if (viewer === null) return html`<${SignInFirst} title="New channel">Channels belong to people: sign in to create one.</${SignInFirst}>`;
  const submit = async (/** @type {Record<string, string>} */ { description, visibility }) => {
    await graphql(CREATE, { name, description: description || null, isPublic: visibility === "public" });
    forget();
    go(path("channels", name));
  };
  const hint = name && !wrong && !isTaken
    ? html`<span class="mono">${instance?.baseUrl ?? location.origin}/${name}</span>${isKnown ? " is free." : ""}`
    : "Lowercase letters, digits, dashes, dots and underscores. It is part of the address and cannot be changed.";
  return html`<div class="page form">
    <h1>New channel</h1>
    <${Form} action="Create channel" onSubmit=${submit}>
      <${Field} label="Name" name="name" required data-focus ...${PLAIN}
        value=${name} onValue=${setName} hint=${hint} error=${wrong || (isTaken ? `${name} exists already. Choose another name.` : "")} />
      <${TextArea} label="Description" name="description" hint="One or two sentences. Can be changed later." />
      <${Select} label="Who may read it" name="visibility" value="public"
        options=${[["public", "Public: everybody, without signing in"], ["private", "Private: members only"]]} />
    </${Form}>
  </div>`;
}
