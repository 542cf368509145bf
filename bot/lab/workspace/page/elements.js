// Interactive elements. A `use` object carries them to the app:
//   names          user(id), channel(id) -> display name
//   places         users() and channels() one may choose
//   press(element, block, chosen)   sends an action
//   fields         what can be filled: pushes {block, element, read}
//   kept(block, element)            what the user had entered before the view was drawn again

import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

export function element(item, block, use) {
  if (item.type === "button") return button(item, block, use);
  if (item.type === "overflow") return overflow(item, block, use);
  const control = fillable(item, block, use);
  control.addEventListener("change", () => use.press(item, block, control.read()));
  return control;
}

export function input(block, use) {
  const control = fillable(block.element, block, use);
  if (block.dispatch_action) control.addEventListener("change", () => use.press(block.element, block, control.read()));
  const id = `field-${block.block_id}`;
  const group = control.tagName === "FIELDSET";
  control.id = id;
  const title = [...plain(block.label.text), block.optional && h("span", { class: "muted" }, " (optional)")];
  if (group) control.prepend(h("legend", {}, title));
  return h("div", { class: "b-input", "data-block": block.block_id },
    !group && h("label", { for: id }, title), control,
    block.hint && h("p", { class: "muted" }, plain(block.hint.text)),
    h("p", { class: "error", role: "alert", hidden: true }));
}

export function collect(fields) {
  const filled = {};
  for (const { block, element: item, read } of fields) (filled[block.block_id] ??= {})[item.action_id] = read();
  return filled;
}

function button(item, block, use) {
  const act = () => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    if (item.url && /^https?:/i.test(item.url)) window.open(item.url, "_blank", "noopener");
    Promise.resolve(use.press(item, block, {})).finally(() => node.removeAttribute("aria-busy"));
  };
  const node = h("button", {
    type: "button", class: `action ${item.style ?? ""}`, "aria-label": item.accessibility_label,
    "data-action": item.action_id, "data-key": `${block.block_id}/${item.action_id}`, onclick: act,
  }, plain(item.text.text));
  return node;
}

function overflow(item, block, use) {
  const node = select(item.options, null, "More…");
  node.setAttribute("aria-label", "More actions");
  node.addEventListener("change", () => {
    const chosen = item.options.find((option) => option.value === node.value);
    node.value = "";
    if (chosen) use.press(item, block, { selected_option: chosen });
  });
  return node;
}

function select(options, chosen, prompt, extra = {}) {
  const node = h("select", extra, prompt !== undefined && h("option", { value: "" }, prompt),
    options.map((option) => h("option", { value: option.value }, option.text.text)));
  if (!extra.multiple) node.value = chosen?.value ?? "";
  for (const option of node.options) if (extra.multiple) option.selected = (chosen ?? []).some((one) => one.value === option.value);
  return node;
}

const asOptions = (pairs) => pairs.map(([value, text]) => ({ value, text: { text } }));

function fillable(item, block, use) {
  const before = use.kept?.(block, item) ?? {};
  const control = make(item, before, use);
  control.dataset.action = item.action_id;
  control.dataset.key = `${block.block_id}/${item.action_id}`;
  if (item.focus_on_load) control.autofocus = true;
  if (item.placeholder && control.tagName !== "FIELDSET" && control.tagName !== "SELECT") control.placeholder = item.placeholder.text;
  if (!control.getAttribute("aria-label")) control.setAttribute("aria-label", item.placeholder?.text ?? item.type.replaceAll("_", " "));
  if (block.type === "input") control.removeAttribute("aria-label");
  use.fields.push({ block, element: item, read: control.read });
  return control;
}

function make(item, before, use) {
  const prompt = item.placeholder?.text ?? "Choose…";
  const flat = item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
  const byValue = (value) => flat.find((option) => option.value === value) ?? null;
  switch (item.type) {
    case "static_select": case "external_select": {
      const node = select(flat, before.selected_option ?? item.initial_option, prompt);
      return reading(node, () => ({ selected_option: byValue(node.value) }));
    }
    case "multi_static_select": {
      const node = select(flat, before.selected_options ?? item.initial_options, undefined, { multiple: true });
      return reading(node, () => ({ selected_options: [...node.selectedOptions].map((option) => byValue(option.value)) }));
    }
    case "users_select": return chooser(use.places.users(), before, "selected_user", item.initial_user, prompt);
    case "channels_select": return chooser(use.places.channels(), before, "selected_channel", item.initial_channel, prompt);
    case "conversations_select": {
      const initial = item.initial_conversation ?? (item.default_to_current_conversation ? use.places.current() : undefined);
      return chooser(use.places.channels(item.filter), before, "selected_conversation", initial, prompt);
    }
    case "multi_users_select": return choosers(use.places.users(), before, "selected_users", item.initial_users);
    case "multi_conversations_select": return choosers(use.places.channels(item.filter), before, "selected_conversations", item.initial_conversations);
    case "radio_buttons": case "checkboxes": return ticks(item, before, byValue);
    case "datepicker": return typed({ type: "date" }, before.selected_date ?? item.initial_date, "selected_date");
    case "timepicker": return typed({ type: "time" }, before.selected_time ?? item.initial_time, "selected_time");
    default: return text(item, before);
  }
}

function reading(node, read) {
  node.read = read;
  return node;
}

function chooser(pairs, before, name, initial, prompt) {
  const node = select(asOptions(pairs), { value: before[name] ?? initial ?? "" }, prompt);
  return reading(node, () => ({ [name]: node.value || null }));
}

function choosers(pairs, before, name, initial) {
  const chosen = (before[name] ?? initial ?? []).map((value) => ({ value }));
  const node = select(asOptions(pairs), chosen, undefined, { multiple: true });
  return reading(node, () => ({ [name]: [...node.selectedOptions].map((option) => option.value) }));
}

function typed(props, value, name) {
  const node = h("input", { ...props, value: value ?? "" });
  return reading(node, () => ({ [name]: node.value || null }));
}

const KINDS = { email_text_input: "email", url_text_input: "url", number_input: "number" };

function text(item, before) {
  const value = before.value ?? item.initial_value;
  const limits = { minlength: item.min_length, maxlength: item.max_length ?? 3000 };
  if (!item.multiline) return typed({ type: KINDS[item.type] ?? "text", step: item.is_decimal_allowed ? "any" : undefined, ...limits }, value, "value");
  const node = h("textarea", { rows: 4, ...limits, value: value ?? "" });
  return reading(node, () => ({ value: node.value || null }));
}

let groups = 0;

function ticks(item, before, byValue) {
  const single = item.type === "radio_buttons";
  const chosen = single ? [before.selected_option ?? item.initial_option] : (before.selected_options ?? item.initial_options ?? []);
  const name = `group-${(groups += 1)}`;
  const node = h("fieldset", { class: "ticks" }, item.options.map((option) =>
    h("label", {},
      h("input", { type: single ? "radio" : "checkbox", name, value: option.value, checked: chosen.some((one) => one?.value === option.value) }),
      h("span", {}, plain(option.text.text), option.description && h("span", { class: "muted" }, " ", plain(option.description.text))))));
  const picked = () => [...node.querySelectorAll("input:checked")].map((box) => byValue(box.value));
  return reading(node, () => (single ? { selected_option: picked()[0] ?? null } : { selected_options: picked() }));
}
