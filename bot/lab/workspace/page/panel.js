// The appliances pane: their state, and a switch for every fault.

import { h, reconcile } from "./dom.js";
import { send, store } from "./live.js";
import { drawWeather } from "./weather.js";

const frame = document.getElementById("frame");
const pane = document.getElementById("panel");
const toggle = document.getElementById("panel-toggle");
const error = document.getElementById("panel-error");
const filter = document.getElementById("fault-filter");
const FEW = 8;
let open = null;  // until somebody chooses, it stands open where there are appliances

export function drawPanel() {
  const panel = store.panel;
  open ??= Boolean(panel);
  pane.hidden = !open;
  frame.classList.toggle("no-panel", pane.hidden);
  toggle.setAttribute("aria-expanded", String(open));
  document.getElementById("lab").hidden = !panel;
  drawWeather();
  if (!panel) {
    document.getElementById("panel-title").textContent = toggle.textContent = "Slack weather";
    document.getElementById("panel-place").textContent = "";
    document.getElementById("weather").open = true;
    return;
  }
  reconcile(document.getElementById("appliances"), panel.appliances, (item) => item.name, appliance);
  filter.hidden = panel.faults.length < FEW;
  reconcile(document.getElementById("faults"), panel.faults.filter(wanted), (item) => item.name, fault);
  const broken = panel.faults.filter((item) => item.active).length;
  toggle.textContent = broken ? `Appliances (${broken} broken)` : "Appliances";
}

// What is broken is always in sight.
function wanted(item) {
  const words = filter.value.trim().toLowerCase().split(/\s+/);
  const text = `${item.name} ${item.title} ${item.text}`.toLowerCase();
  return item.active || words.every((word) => text.includes(word));
}

function appliance(item) {
  return h("li", { class: "card", "data-testid": `appliance-${item.name}` },
    h("p", { class: "card-title" }, h("strong", {}, item.name), h("span", { class: "badge" }, item.product.toUpperCase())),
    h("p", { class: "muted" }, h("span", { class: "state" }, item.status), ` · ${item.address}`),
    item.lines.length > 0 && h("ul", { class: "lines" }, item.lines.map((line) => h("li", {}, line))));
}

function fault(item) {
  return h("li", { class: `card fault ${item.active ? "active" : ""}` },
    h("div", {}, h("p", { class: "card-title" }, h("strong", {}, item.title), item.active && h("span", { class: "badge broken" }, "Broken")),
      h("p", { class: "muted" }, item.text)),
    h("button", {
      type: "button", class: `action ${item.active ? "primary" : ""}`, "data-testid": `fault-${item.name}`, "data-key": "switch",
      "aria-pressed": String(item.active), "aria-label": `${item.active ? "Mend" : "Break"}: ${item.title}`,
      onclick: (event) => flip(item, event.currentTarget),
    }, item.active ? "Mend" : "Break"));
}

async function flip(item, button) {
  button.setAttribute("aria-busy", "true");
  const answer = await send("fault", { name: item.name, active: !item.active });
  button.removeAttribute("aria-busy");
  error.hidden = answer.ok;
  error.textContent = answer.ok ? "" : `${item.title} could not be switched. Try again.`;
}

export function showPanel(value) {
  open = value;
  drawPanel();
  (open ? pane.querySelector("#faults button") ?? document.getElementById("panel-close") : toggle).focus();
}

filter.addEventListener("input", drawPanel);
document.getElementById("panel-close").addEventListener("click", () => showPanel(false));
toggle.addEventListener("click", () => showPanel(!open));
