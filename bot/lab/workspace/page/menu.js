// The menu of a message: the app's shortcuts. Arrows move, Enter chooses, Esc and a click elsewhere close.

import { h } from "./dom.js";
import { send, store } from "./live.js";

let close = () => {};

export function messageMenu(message) {
  if (message.visible_to || message.subtype === "tombstone" || !store.shortcuts.length) return null;
  const button = h("button", {
    type: "button", class: "more", "data-testid": "more", "data-key": "more", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": "More actions", title: "More actions",
  }, "⋯");
  const place = h("div", { class: "more-place" }, button);
  button.addEventListener("click", () => (button.getAttribute("aria-expanded") === "true" ? close() : open(place, button, message)));
  return place;
}

function open(place, button, message) {
  close();
  const items = store.shortcuts.map((shortcut) => h("button", {
    type: "button", role: "menuitem", tabindex: "-1", "data-testid": `shortcut-${shortcut.callback_id}`,
    onclick: () => { close(); send("shortcut", { user: store.user, ts: message.ts, callback_id: shortcut.callback_id }); },
  }, h("span", {}, shortcut.name), h("span", { class: "muted" }, " pvo")));
  const menu = h("div", { class: "menu", role: "menu", "aria-label": "Message actions" }, items);
  const away = (event) => { if (!place.contains(event.target)) close(); };
  close = () => {
    close = () => {};
    document.removeEventListener("pointerdown", away);
    button.setAttribute("aria-expanded", "false");
    const inside = menu.contains(document.activeElement);
    menu.remove();
    if (inside) button.focus();
  };
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Tab") return close();
    if (event.key !== "Escape" && !step) return undefined;
    event.preventDefault();
    event.stopPropagation();
    if (!step) return close();
    return items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  });
  place.append(menu);
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", away);
  items[0].focus();
}
