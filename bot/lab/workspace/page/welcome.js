// What an empty channel says: how to see the product at work, in four steps.

import { h } from "./dom.js";
import { store } from "./live.js";
import { showPanel } from "./panel.js";

export function welcome() {
  const channel = store.channels.get(store.channel);
  const joined = channel?.members.includes(store.bot);
  const line = `${store.command.name} check site-a`;
  return h("div", { class: "empty" },
    h("section", { class: "try", "aria-labelledby": "try-title" },
      h("h2", { id: "try-title" }, "Try this"),
      h("p", { class: "muted" }, joined ? "Mail is stuck, and nobody knows why. Ask." : "The app is not in this channel: it will refuse here, and say why."),
      h("ol", {},
        store.panel && step("Break something", "Every fault in the Appliances pane is real: a mail server that refuses, a cipher that fails, a wall between them.",
          h("button", { type: "button", class: "action", onclick: () => showPanel(true) }, "Choose a fault")),
        step("Ask", ["Type ", h("code", {}, line), " below and press Enter. Both ends are asked over SSH; a card says how it stands."],
          h("button", { type: "button", class: "action primary", "data-testid": "try", onclick: () => suggest(line) }, "Type it for me")),
        step("Read the thread", "The cause comes first, with what the appliances said, and the repair with its source."),
        step("Mend it, check again", "The card turns green. Share it with #incidents, or become a guest below left and try the same."))));
}

function step(title, text, action) {
  return h("li", {}, h("div", {}, h("strong", {}, title), h("p", {}, text)), action);
}

function suggest(line) {
  const box = document.querySelector("#composer textarea");
  box.value = line;
  box.dispatchEvent(new Event("input"));
  box.focus();
}
