// The inspector: every exchange of workspace and app, with a filter, the bodies as trees, and arrow keys.

import { h, reconcile } from "./dom.js";
import { store } from "./live.js";

const at = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });
const KEPT = 400;
let open = false;
let chosen = null;

export function drawWire() {
  at("wire").hidden = !open;
  at("frame").classList.toggle("no-wire", !open);
  at("wire-toggle").setAttribute("aria-expanded", String(open));
  store.exchanges.splice(0, store.exchanges.length - KEPT);
  if (!open) return;
  const list = at("exchanges");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const rows = store.exchanges.filter(wanted).map((item) => ({ ...item, chosen: item.number === chosen }));
  reconcile(list, rows, (item) => item.number, row);
  at("wire-count").textContent = rows.length === store.exchanges.length ? `${rows.length}` : `${rows.length} of ${store.exchanges.length}`;
  if (!list.querySelector("[tabindex='0']")) list.lastElementChild?.firstElementChild.setAttribute("tabindex", "0");
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function wanted(item) {
  const kind = at("wire-kind").value;
  const words = at("wire-filter").value.trim().toLowerCase();
  const ofKind = kind === "all" || item.way === kind || (kind === "bad" && item.status !== "ok");
  return ofKind && `${item.name} ${item.status}`.toLowerCase().includes(words);
}

function row(item) {
  const call = item.way === "call";
  return h("li", {}, h("button", {
    type: "button", class: `exchange ${item.chosen ? "current" : ""}`, "data-testid": "exchange", "data-key": "row", "data-number": item.number,
    tabindex: item.chosen ? "0" : "-1", "aria-current": item.chosen ? "true" : undefined, onclick: () => choose(item.number),
  },
    h("time", {}, clock.format(new Date(item.at * 1000))),
    h("span", { class: `way ${item.way}` }, call ? "app → Slack" : "Slack → app"),
    h("span", { class: "what" }, item.name),
    h("span", { class: item.status === "ok" ? "good" : "bad" }, item.status),
    h("span", { class: "number" }, `${item.ms < 10 ? item.ms.toFixed(1) : Math.round(item.ms)} ms`),
    h("span", { class: "number" }, size(item.size))));
}

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

async function choose(number) {
  chosen = number;
  drawWire();
  const answer = await fetch(`/wire/${number}`);
  if (chosen !== number) return;
  const detail = at("exchange-detail");
  if (!answer.ok) return detail.replaceChildren(h("p", { class: "muted" }, await answer.text()));
  const exchange = await answer.json();
  detail.replaceChildren(
    h("h3", {}, exchange.name),
    h("h4", {}, exchange.way === "call" ? "The app sent" : "The app received"), tree("", exchange.sent, 2),
    h("h4", {}, exchange.way === "call" ? "Slack answered" : "The app answered"), tree("", exchange.answer, 2));
  return undefined;
}

// A value as nested <details>; `levels` of them stand open.
function tree(name, value, levels) {
  const label = name === "" ? null : h("span", { class: "name" }, `${name}: `);
  if (value === null || typeof value !== "object") return h("div", { class: "leaf" }, label, h("span", { class: typeof value }, JSON.stringify(value)));
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  const count = list ? `[${entries.length}]` : `{${entries.length}}`;
  if (!entries.length) return h("div", { class: "leaf" }, label, list ? "[]" : "{}");
  const node = h("details", { open: levels > 0 }, h("summary", {}, label, h("span", { class: "muted" }, count)));
  let filled = false;
  const fill = () => {
    if (filled || !node.open) return;
    filled = true;
    node.append(...entries.map(([key, inner]) => tree(key, inner, levels - 1)));
  };
  node.addEventListener("toggle", fill);
  fill();
  return node;
}

function show(value) {
  open = value;
  drawWire();
  if (open) at("exchanges").scrollTop = at("exchanges").scrollHeight;
  (open ? at("wire-filter") : at("wire-toggle")).focus();
}

at("wire-toggle").addEventListener("click", () => show(!open));
at("wire-close").addEventListener("click", () => show(false));
at("wire-filter").addEventListener("input", drawWire);
at("wire-kind").addEventListener("change", drawWire);
at("wire").addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.stopPropagation();
    return show(false);
  }
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const here = event.target.closest?.("#exchanges li");
  if (!step || !here) return undefined;
  event.preventDefault();
  const next = here[step]?.firstElementChild;
  next?.focus();
  if (next) choose(Number(next.dataset.number));
  return undefined;
});
