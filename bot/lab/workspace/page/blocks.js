// Block Kit as nodes. `use` is how an element reaches the app: see elements.js.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { element, input } from "./elements.js";
import { link, mention, mrkdwn, plain, textObject } from "./mrkdwn.js";

const RENDER = {
  header: (block) => h("h3", { class: "b-header" }, plain(block.text.text)),
  divider: () => h("hr"),
  section,
  context: (block, use) =>
    h("div", { class: "b-context" }, block.elements.map((item) =>
      item.type === "image" ? image(item) : h("span", {}, textObject(item, use.names)))),
  actions: (block, use) => h("div", { class: "b-actions" }, block.elements.map((item) => element(item, block, use))),
  input: (block, use) => input(block, use),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, plain(block.title.text)), image(block)),
  rich_text: (block, use) => h("div", { class: "b-rich" }, block.elements.map((part) => rich(part, use.names))),
  markdown: (block, use) => h("div", { class: "b-text" }, mrkdwn(block.text.replaceAll("**", "*"), use.names)),
  table,
  alert: (block, use) => h("div", { class: `b-alert ${block.level ?? "default"}`, role: "note" }, textObject(block.text, use.names)),
  task_card: (block, use) => task(block, use),
  plan: (block, use) => h("div", {}, h("h3", {}, block.title), (block.tasks ?? []).map((item) => task(item, use))),
};

export function blocks(list, use) {
  return list.map((block) => RENDER[block.type]?.(block, use) ?? h("p", { class: "muted" }, `(${block.type})`));
}

function section(block, use) {
  const fields = block.fields && h("div", { class: "b-fields" }, block.fields.map((field) => h("div", {}, textObject(field, use.names))));
  return h("div", { class: "b-section" },
    h("div", { class: "b-text" }, block.text && h("div", {}, textObject(block.text, use.names)), fields),
    block.accessory && h("div", { class: "b-accessory" }, block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block, use)));
}

// The page contacts no other host: a picture of our own is shown, any other is named.
function image(item) {
  const own = item.image_url.startsWith(location.origin) || item.image_url.startsWith("data:image/");
  return own ? h("img", { src: item.image_url, alt: item.alt_text }) : h("span", { class: "muted" }, `[${item.alt_text}]`);
}

function rich(part, names) {
  const inside = () => part.elements.map((item) => piece(item, names));
  switch (part.type) {
    case "rich_text_preformatted": return h("pre", { tabindex: "0" }, inside());
    case "rich_text_quote": return h("blockquote", {}, inside());
    case "rich_text_list":
      return h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0}` },
        part.elements.map((item) => h("li", {}, item.elements.map((one) => piece(one, names)))));
    default: return h("div", {}, inside());
  }
}

function piece(item, names) {
  let node = {
    text: () => h("span", {}, item.text),
    link: () => link(item.url, item.text || item.url),
    emoji: () => emoji(item.name),
    user: () => mention("@" + (names.user(item.user_id) ?? item.user_id)),
    usergroup: () => mention("@" + item.usergroup_id),
    channel: () => mention("#" + (names.channel(item.channel_id) ?? item.channel_id)),
    broadcast: () => mention("@" + item.range),
    date: () => document.createTextNode(item.fallback ?? new Date(item.timestamp * 1000).toLocaleString()),
  }[item.type]?.() ?? document.createTextNode("");
  for (const [style, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]]) {
    if (item.style?.[style]) node = h(tag, {}, node);
  }
  return node;
}

function table(block, use) {
  const cell = (item) => (item.type === "rich_text" ? item.elements.map((part) => rich(part, use.names)) : [String(item.text ?? item.value)]);
  const [head, ...rest] = block.rows;
  return h("div", { class: "b-table", tabindex: "0" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((item) => h("th", { scope: "col" }, cell(item))))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map((item) => h("td", {}, cell(item))))))));
}

const SIGNS = { pending: "white_circle", in_progress: "hourglass_flowing_sand", complete: "white_check_mark", error: "x" };

function task(block, use) {
  return h("div", { class: "b-task" }, emoji(SIGNS[block.status]), ` ${block.title} `, h("span", { class: "muted" }, block.status.replace("_", " ")),
    [block.details, block.output].map((part) => part && RENDER.rich_text(part, use)));
}
