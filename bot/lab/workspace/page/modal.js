// Modals: the top of the user's stack of views, in a native dialog that keeps focus and answers Esc.

import { blocks } from "./blocks.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { collect } from "./elements.js";
import { names, places, send, store } from "./live.js";
import { plain } from "./mrkdwn.js";

const dialog = document.getElementById("modal");
let shown = null;
let fields = [];

export function drawModal() {
  const view = (store.views[store.user] ?? []).at(-1) ?? null;
  if (view?.id === shown?.id && view?.hash === shown?.hash) return;
  const kept = view && view.id === shown?.id ? collect(fields) : {};
  shown = view;
  if (!view) return dialog.close();
  fields = [];
  dialog.replaceChildren(form(view, kept));
  if (!dialog.open) dialog.showModal();
  else dialog.querySelector("input, textarea, select, button")?.focus({ preventScroll: true });
}

function form(view, kept) {
  const closeText = view.close ? plain(view.close.text) : view.submit ? "Cancel" : "Close";
  return h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(view); } },
    h("header", {}, h("h2", { id: "modal-title" }, plain(view.title.text))),
    h("div", { class: "modal-body" }, blocks(view.blocks, useIn(view, kept))),
    h("p", { id: "modal-error", class: "error", role: "alert", hidden: true }),
    h("footer", {},
      h("button", { type: "button", class: "action", "data-testid": "modal-close", onclick: () => close(view) }, closeText),
      view.submit && h("button", { type: "submit", class: "action primary", "data-testid": "modal-submit" }, plain(view.submit.text))));
}

const useIn = (view, kept) => useInView(view, fields, kept, complain);

// How elements of a view reach the app; what goes wrong is told to `complain`.
export function useInView(view, fields, kept, complain) {
  return {
    names, places, fields,
    kept: (block, element) => kept[block.block_id]?.[element.action_id],
    async press(element, block, chosen) {
      if (element.confirm && !(await confirmed(element.confirm))) return;
      const touch = { action_id: element.action_id, block_id: block.block_id, chosen, filled: collect(fields) };
      const answer = await send("press", { view_id: view.id, ...touch });
      if (!answer.ok || answer.result === false) complain("The app did not answer. Try again.");
    },
  };
}

async function submit(view) {
  const missing = view.blocks.filter((block) => block.type === "input" && !block.optional && isEmpty(block));
  if (missing.length) return showErrors(Object.fromEntries(missing.map((block) => [block.block_id, "Please fill this in."])));
  dialog.setAttribute("aria-busy", "true");
  const answer = await send("submit", { view_id: view.id, filled: collect(fields) });
  dialog.removeAttribute("aria-busy");
  if (!answer.ok) complain(`This could not be submitted: ${answer.error}.`);
  else showErrors(answer.result ?? {});
}

function isEmpty(block) {
  const value = Object.values(fields.find((field) => field.block.block_id === block.block_id)?.read() ?? {})[0];
  return value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
}

function showErrors(errors) {
  for (const node of dialog.querySelectorAll(".b-input")) {
    const text = errors[node.dataset.block];
    const place = node.querySelector(".error");
    place.textContent = text ?? "";
    place.hidden = !text;
  }
  complain(errors[""] ?? "");
  dialog.querySelector(".b-input:has(.error:not([hidden])) :is(input, textarea, select)")?.focus();
}

function complain(text) {
  const place = document.getElementById("modal-error");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

async function close(view) {
  await send("close", { view_id: view.id });
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (shown) close(shown);
});
