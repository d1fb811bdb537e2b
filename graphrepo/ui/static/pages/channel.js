import { graphql } from "../lib/api.js";
import { h, heading, show } from "../lib/dom.js";
import { command } from "../parts/command.js";
import { mark, visibility } from "../parts/mark.js";
import { cell, table } from "../parts/table.js";
import { page as missing } from "./missing.js";

const CHANNEL = `query Channel($name: String!) {
  channel(name: $name) {
    name description isPublic baseUrl
    packages(limit: 100) { page { name summary latestVersion { version platforms } } totalCount }
  }
}`;

export async function page({ name }) {
  const { channel } = await graphql(CHANNEL, { name });
  if (!channel) return missing();
  const { page: packages, totalCount } = channel.packages;
  show(channel.name,
    h("div", { class: "stack" },
      heading([mark(channel.name), channel.name], visibility(channel.isPublic)),
      channel.description ? h("p", {}, channel.description) : null),
    installLines(channel.baseUrl, packages[0]?.name ?? "<package>"),
    h("div", { class: "heading" }, h("h2", {}, "Packages"), h("span", { class: "count" }, `${totalCount}`)),
    totalCount ? list(packages) : h("p", {}, `${channel.name} has no packages yet.`),
    totalCount > packages.length ? h("p", { class: "muted" }, `The first ${packages.length} are shown.`) : "");
}

const installLines = (url, example) => h("section", { class: "stack", "aria-label": "Install from this channel" },
  command("conda", `conda install --channel ${url} ${example}`),
  command("mamba", `mamba install --channel ${url} ${example}`),
  command("pixi", `pixi init --channel ${url} && pixi add ${example}`));

const list = (packages) => table("Packages", ["Name", "Latest", "Platforms"], packages.map((item) => [
  cell([item.name, item.summary ? h("span", { class: "note" }, item.summary) : null]),
  cell(item.latestVersion?.version ?? "", "mono"),
  cell((item.latestVersion?.platforms ?? []).join(" · "), "muted"),
]));
