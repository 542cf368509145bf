// The page: draws what the store knows, in panes, whenever something changed.

import { setUpComposer } from "./composer.js";
import { h, picture, reconcile } from "./dom.js";
import { drawHome, openHome } from "./home.js";
import { channelMessages, follow, mine, names, store, threadMessages } from "./live.js";
import { renderMessage } from "./messages.js";
import { drawModal } from "./modal.js";
import { drawPanel } from "./panel.js";
import { welcome } from "./welcome.js";
import { drawWire } from "./wire.js";

const at = (id) => document.getElementById(id);
let drawing = false;
let trouble = "";

function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  at("offline").hidden = store.online || !store.ready;
  if (!store.ready) return;
  choosePlace();
  drawSidebar();
  drawChannel();
  drawHome(changed);
  drawThread();
  drawModal();
  drawPanel();
  drawWire();
}

function choosePlace() {
  const people = [...store.users.values()].filter((user) => user.active);
  if (!people.some((user) => user.id === store.user)) store.user = people[0].id;
  const channels = mine();
  if (!channels.some((channel) => channel.id === store.channel)) openChannel(channels[0]?.id ?? null);
}

function openChannel(id) {
  store.channel = id;
  store.home = false;
  store.thread = null;
  store.unread.delete(id);
}

function drawSidebar() {
  const people = [...store.users.values()].filter((user) => user.active);
  reconcile(at("user"), people, (user) => user.id, (user) => h("option", { value: user.id }, user.language === "en" ? user.name : `${user.name} · ${user.language}`));
  at("user").value = store.user;
  at("frame").classList.toggle("outsider", Boolean(store.users.get(store.user)?.outside));
  const { connections: count, http } = store.app;
  at("link").textContent = http ? "App reached by HTTP" : count === 0 ? "App not connected" : count === 1 ? "App connected" : `App connected (${count})`;
  at("link").className = count || http ? "up" : "down";
  at("app-name").textContent = names.user(store.bot) ?? "App";
  at("home-open").classList.toggle("current", store.home);
  at("home-open").setAttribute("aria-current", store.home ? "page" : "false");
  const rows = mine().map(({ id, name, shared, private: hidden }) => ({ id, name, shared, hidden, current: !store.home && id === store.channel, unread: store.unread.has(id) }));
  reconcile(at("channels"), rows, (row) => row.id, channelRow);
}

function channelRow(row) {
  return h("li", {}, h("button", {
    type: "button", class: `${row.current ? "current" : ""} ${row.unread ? "unread" : ""}`, "data-testid": `channel-${row.id}`,
    "data-key": row.id, "aria-current": row.current ? "page" : undefined,
    onclick: () => { openChannel(row.id); draw(); at("composer").querySelector("textarea").focus(); },
  }, h("span", { class: "hash", "aria-hidden": row.hidden ? undefined : "true" }, row.hidden ? picture("emoji.svg", "lock", "private") : "#"), h("span", {}, row.name),
    row.shared && h("span", { class: "tag" }, "shared"), row.unread && h("span", { class: "tag new" }, "new")));
}

function drawChannel() {
  const channel = store.channels.get(store.channel);
  at("messages").hidden = at("composer").hidden = store.home;
  at("home").hidden = !store.home;
  at("channel-name").textContent = store.home ? names.user(store.bot) : channel ? `# ${channel.name}` : "No channel";
  at("channel-topic").textContent = trouble || (store.home ? "Home" : channel?.topic ?? "");
  at("channel-topic").classList.toggle("error", Boolean(trouble));
  const box = at("composer").querySelector("textarea");
  box.setAttribute("aria-label", `Message #${channel?.name ?? ""}`);
  box.placeholder = `Message #${channel?.name ?? ""}, or ${store.command.name} to ask the app`;
  fill(at("messages"), store.channel, channelMessages(), (message) => renderMessage(message, openThread), welcome);
}

function drawThread() {
  const list = store.thread ? threadMessages() : [];
  if (store.thread && list[0]?.ts !== store.thread) store.thread = null;
  at("thread").hidden = !store.thread;
  at("frame").classList.toggle("no-thread", !store.thread);
  at("thread-place").textContent = `# ${store.channels.get(store.channel)?.name ?? ""}`;
  fill(at("replies"), store.thread, store.thread ? list : [], (message) => renderMessage(message, null));
}

const places = new WeakMap();

// Draws a list of messages; it stays at the end when it was there, and starts anew in another place.
function fill(box, place, list, render, otherwise) {
  const moved = places.get(box) !== place;
  const atEnd = moved || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  places.set(box, place);
  const items = list.length || !otherwise ? list : [{ ts: "empty", place, panel: Boolean(store.panel) }];
  reconcile(box, items, (item) => item.ts, (item) => (item.ts === "empty" ? otherwise() : render(item)));
  if (atEnd) box.scrollTop = moved && box.id === "replies" ? 0 : box.scrollHeight;
}

function openThread(ts) {
  store.thread = ts;
  draw();
  at("thread-composer").querySelector("textarea").focus();
}

function closeThread() {
  const ts = store.thread;
  store.thread = null;
  draw();
  const source = at("messages").querySelector(`[data-ts="${CSS.escape(ts ?? "")}"] .replies`);
  (source ?? at("composer").querySelector("textarea")).focus();
}

// A permalink: /archives/CHANNEL/pTS, with ?thread_ts= for a reply.
function openPermalink(address) {
  const found = /^\/archives\/([^/]+)\/p(\d+)(\d{6})$/.exec(address.pathname);
  if (!found) return;
  openChannel(found[1]);
  store.thread = address.searchParams.get("thread_ts");
  draw();
  const target = document.querySelector(`${store.thread ? "#replies" : "#messages"} [data-ts="${found[2]}.${found[3]}"]`);
  target?.scrollIntoView({ block: "center" });
  target?.focus();
}

at("user").addEventListener("change", (event) => {
  store.user = event.target.value;
  store.thread = null;
  changed();
});
at("home-open").addEventListener("click", () => {
  store.home = true;
  store.thread = null;
  openHome(changed);
  changed();
});
at("thread-close").addEventListener("click", closeThread);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && store.thread && !document.querySelector("dialog[open]")) closeThread();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-archive]");
  if (!link) return;
  event.preventDefault();
  openPermalink(new URL(link.href));
});
const sent = (text) => { trouble = text; changed(); };
setUpComposer(at("composer"), { sent });
setUpComposer(at("thread-composer"), { thread: () => store.thread, sent });

let first = true;
follow(() => {
  changed();
  if (!first || !store.ready) return;
  first = false;
  choosePlace();
  openPermalink(new URL(location.href));
  at("composer").querySelector("textarea").focus({ preventScroll: true });
});
