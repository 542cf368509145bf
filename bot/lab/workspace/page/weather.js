// Slack weather: switches for everything that goes wrong between Slack and an app.

import { h, reconcile } from "./dom.js";
import { send, store } from "./live.js";

const KNOBS = [
  { name: "lost_acks", title: "Lose the next ack", text: "The app answers; the answer never arrives.", add: 1 },
  { name: "doubled_envelopes", title: "Deliver twice", text: "The next command, press or event comes two times.", add: 1 },
  { name: "resets_after_storing", title: "Reset after storing", text: "The next message is kept, but the app sees a broken connection.", add: 1 },
  { name: "too_many_requests", title: "Storm of 429", text: "The next ten calls are told to come back in a second.", add: 10 },
  { name: "refused_handshakes", title: "Refuse a handshake", text: "The next connection is turned away and its ticket is used up.", add: 1 },
  { name: "restless", title: "Disconnect every second", text: "Connections are asked to come back, again and again.", on: 1 },
  { name: "slow_seconds", title: "Slow answers", text: "Every answer of the Web API takes two seconds longer.", on: 2 },
];

const TROUBLES = [
  { name: "half-open", title: "Half-open", text: "Present connections stay, but carry nothing any more." },
  { name: "refresh_requested", title: "Refresh", text: "Slack asks the app to connect anew." },
  { name: "warning", title: "Warning", text: "Slack says that it will disconnect soon." },
  { name: "link_disabled", title: "Link disabled", text: "Socket Mode was switched off." },
];

const trouble = (item) => h("button", {
  type: "button", class: "action", title: item.text, "data-testid": `trouble-${item.name}`, "aria-label": `${item.title}: ${item.text}`,
  onclick: () => send("trouble", { name: item.name }),
}, item.title);

reconcile(document.getElementById("troubles"), TROUBLES, (item) => item.name, trouble);

export function drawWeather() {
  const rows = KNOBS.map((knob) => ({ ...knob, value: Number(store.weather[knob.name] ?? 0) }));
  reconcile(document.getElementById("knobs"), rows, (row) => row.name, knob);
  const bad = rows.filter((row) => row.value).length;
  const sign = document.getElementById("weather-state");
  sign.textContent = bad ? `${bad} on` : "fine";
  sign.className = `badge ${bad ? "broken" : ""}`;
}

function knob(row) {
  const next = row.add ? row.value + row.add : row.value ? 0 : row.on;
  const label = row.add ? "Do it" : row.value ? "Stop" : "Start";
  return h("li", { class: `card fault ${row.value ? "active" : ""}` },
    h("div", {},
      h("p", { class: "card-title" }, h("strong", {}, row.title), row.value > 0 && h("span", { class: "badge broken" }, row.add ? `${row.value} to come` : "On")),
      h("p", { class: "muted" }, row.text)),
    h("button", {
      type: "button", class: "action", "data-testid": `weather-${row.name}`, "data-key": "turn", "aria-label": `${label}: ${row.title}`,
      "aria-pressed": row.add ? undefined : String(row.value > 0), onclick: () => send("weather", { name: row.name, value: next }),
    }, label));
}
