// Where one types: Enter sends, Tab completes the command, the arrow brings back what was sent.

import { h } from "./dom.js";
import { send, store } from "./live.js";

export function setUpComposer(form, { thread, sent }) {
  const box = form.querySelector("textarea");
  const hint = form.querySelector(".hint");
  const past = [];
  let back = 0;

  function fit() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
    if (hint) drawHint(hint, box.value);
  }

  function recall(step) {
    back = Math.max(0, Math.min(past.length, back + step));
    box.value = back ? past[past.length - back] : "";
    fit();
  }

  async function submit() {
    const line = box.value.trim();
    if (!line) return;
    past.push(line);
    back = 0;
    box.value = "";
    fit();
    const answer = await send("type", { user: store.user, channel: store.channel, line, thread_ts: thread?.() });
    if (!answer.ok && !box.value) {
      box.value = line;
      fit();
      sent(`Not sent: ${answer.error}.`);
    } else sent("");
  }

  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Tab" && !event.shiftKey && isStart(box.value)) {
      event.preventDefault();
      box.value = `${store.command.name} `;
      fit();
    } else if (event.key === "ArrowUp" && (!box.value || back)) {
      event.preventDefault();
      recall(1);
    } else if (event.key === "ArrowDown" && back) {
      event.preventDefault();
      recall(-1);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    box.focus();
  });
}

function isStart(text) {
  return text.startsWith("/") && store.command.name.startsWith(text);
}

function drawHint(hint, text) {
  const typing = isStart(text) || text.startsWith(`${store.command.name} `);
  hint.hidden = !typing;
  if (typing) {
    hint.replaceChildren(h("strong", {}, store.command.name), h("span", {}, store.command.usage),
      ...(isStart(text) && text !== store.command.name ? [h("kbd", {}, "Tab")] : []));
  }
}
