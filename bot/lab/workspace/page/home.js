// The app's home tab: what it published for this user, or why there is nothing yet.

import { blocks } from "./blocks.js";
import { h, reconcile } from "./dom.js";
import { names, send, store } from "./live.js";
import { useInView } from "./modal.js";
import { mrkdwn } from "./mrkdwn.js";

const place = document.getElementById("home");
let trouble = "";
let asked = null;

export async function openHome(changed) {
  trouble = "";
  asked = store.user;
  const answer = await send("home", { user: store.user });
  if (!answer.ok || answer.result === false) trouble = "The app did not take the event *app_home_opened*, so what stands here may be old.";
  changed();
}

export function drawHome(changed) {
  if (!store.home) return;
  if (asked !== store.user) openHome(changed);
  const view = store.homes[store.user];
  const items = [...(trouble ? [{ key: "trouble" }] : []), view ?? { key: "none" }];
  reconcile(place, items, (item) => item.key ?? item.id, (item) => (item.blocks ? tab(item) : note(item.key)));
}

function tab(view) {
  const fields = [];
  const complain = (text) => { trouble = text; };
  return h("div", { class: "tab", "data-testid": "home-tab" }, blocks(view.blocks, useInView(view, fields, {}, complain)));
}

function note(key) {
  if (key === "trouble") return h("p", { class: "b-alert warning", role: "alert" }, mrkdwn(trouble, names));
  return h("div", { class: "empty" }, h("p", {}, "Nothing here yet."),
    h("p", { class: "muted" }, "The app was told that you opened its home tab and has not drawn it yet."));
}
