// Messages in channel and thread: who, when, what, and the way into the thread.

import { blocks } from "./blocks.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { collect } from "./elements.js";
import { names, places, send, store } from "./live.js";
import { messageMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

export function renderMessage(message, openThread) {
  const when = new Date(Number(message.ts) * 1000);
  const author = message.user === store.system ? "Workspace" : (names.user(message.user) ?? message.user);
  return h("article", {
    class: `message ${message.visible_to ? "private" : ""} ${message.warning ? "warned" : ""}`,
    "data-testid": message.visible_to ? "ephemeral" : "message", "data-ts": message.ts, tabindex: "-1",
    "aria-label": `${author}, ${clock.format(when)}`,
  },
    avatar(message, author),
    h("div", { class: "content" },
      message.visible_to && h("p", { class: "only-you" }, "Only visible to you"),
      h("p", { class: "byline" },
        h("strong", {}, author), message.user === store.bot && h("span", { class: "badge" }, "App"),
        h("time", { datetime: when.toISOString(), title: full.format(when) }, clock.format(when)),
        message.edited && h("span", { class: "muted" }, "(edited)")),
      body(message), (message.files ?? []).map(attachment),
      openThread && message.reply_count && replies(message, openThread)),
    messageMenu(message));
}

function body(message) {
  if (message.subtype === "tombstone") return h("p", { class: "muted" }, "This message was deleted.");
  const inside = message.blocks?.length ? blocks(message.blocks, useIn(message)) : mrkdwn(message.text, names);
  return h("div", { class: "body" }, inside);
}

function useIn(message) {
  const fields = [];
  return {
    names, places, fields,
    async press(element, block, chosen) {
      if (element.confirm && !(await confirmed(element.confirm))) return;
      const touch = { action_id: element.action_id, block_id: block.block_id, chosen, filled: collect(fields) };
      await send("press", { user: store.user, ts: message.ts, ...touch });
    },
  };
}

function avatar(message, author) {
  const kind = message.user === store.bot ? "bot" : message.user === store.system ? "system" : "person";
  const hue = [...message.user].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return h("div", { class: `avatar ${kind} hue-${hue}`, "aria-hidden": "true" }, kind === "bot" ? "pv" : author.slice(0, 1));
}

const PICTURES = ["image/png", "image/jpeg", "image/gif"];
const LONGEST = 200_000;

function attachment(file) {
  const address = `/files/${encodeURIComponent(file.id)}`;
  const name = h("p", {}, h("a", { href: address, download: file.name }, file.title), h("span", { class: "muted" }, ` ${file.name} · ${size(file.size)}`));
  const picture = PICTURES.includes(file.mimetype);
  if (picture) return h("figure", { class: "file picture" }, name, h("a", { href: address, target: "_blank", rel: "noopener" }, h("img", { src: address, alt: file.title })));
  return h("div", { class: "file" }, name, file.size < LONGEST && preview(address));
}

function preview(address) {
  const text = h("pre", { tabindex: "0" }, "…");
  const node = h("details", {}, h("summary", {}, "Show"), text);
  node.addEventListener("toggle", async () => { text.textContent = await (await fetch(address)).text(); }, { once: true });
  return node;
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(1)} kB`;
}

function replies(message, openThread) {
  const count = message.reply_count;
  return h("button", {
    class: "replies", type: "button", "data-testid": "replies", "data-key": "replies", onclick: () => openThread(message.ts),
  }, h("strong", {}, `${count} ${count === 1 ? "reply" : "replies"}`), h("span", { class: "muted" }, " Open thread"));
}
