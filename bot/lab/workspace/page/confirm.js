// The confirmation that an app may ask for before an element acts.

import { h } from "./dom.js";
import { names } from "./live.js";
import { plain, textObject } from "./mrkdwn.js";

export function confirmed(question) {
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.replaceChildren(h("form", { method: "dialog" },
      h("header", {}, h("h2", { id: "confirm-title" }, plain(question.title.text))),
      h("div", { class: "modal-body" }, textObject(question.text, names)),
      h("footer", {},
        h("button", { value: "no", class: "action" }, plain(question.deny.text)),
        h("button", { value: "yes", class: `action ${question.style ?? "primary"}`, "data-testid": "confirm-yes" }, plain(question.confirm.text)))));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
