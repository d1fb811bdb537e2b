import { graphql } from "../lib/api.js";
import { h, heading, show } from "../lib/dom.js";
import { mark, visibility } from "../parts/mark.js";
import { cell, table } from "../parts/table.js";

const CHANNELS = `query Channels {
  channels(limit: 50) { page { name description isPublic } totalCount }
}`;

export async function page() {
  const { channels } = await graphql(CHANNELS);
  const total = channels.totalCount;
  show("Channels",
    heading("Channels", h("span", { class: "count" }, total === 1 ? "1 channel" : `${total} channels`)),
    total ? list(channels.page) : h("p", {}, "There is no channel here yet that you may read. Sign in, or create one in the ", h("a", { href: "/graphiql" }, "GraphQL explorer"), "."),
    total > channels.page.length ? h("p", { class: "muted" }, `The first ${channels.page.length} are shown.`) : "");
}

const list = (channels) => table("Channels", ["Name", "Visibility"], channels.map((channel) => [
  cell([
    mark(channel.name),
    h("a", { href: `/channels/${encodeURIComponent(channel.name)}` }, channel.name),
    channel.description ? h("span", { class: "note" }, channel.description) : null,
  ]),
  cell(visibility(channel.isPublic)),
]));
