// Building and keeping DOM nodes. Content only ever becomes text nodes and attributes.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export function picture(file, name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "emoji");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const title = document.createElementNS(SVG, "title");
  title.textContent = label;
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/page/${file}#${name}`);
  svg.append(title, use);
  return svg;
}

const kept = new WeakMap();

// Shows `items` in `container` in their order; a node is rebuilt only when its item changed, and focus survives.
export function reconcile(container, items, key, render) {
  const before = kept.get(container) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const old = before.get(key(item));
    after.set(key(item), old && same(old.item, item) ? old : replace(old, item, render));
  }
  for (const [name, { node }] of before) if (after.get(name)?.node !== node) node.remove();
  let place = container.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else container.insertBefore(node, place);
  }
  kept.set(container, after);
}

function same(old, item) {
  return old === item || JSON.stringify(old) === JSON.stringify(item);
}

function replace(old, item, render) {
  const node = render(item);
  const focused = old?.node.contains(document.activeElement) ? document.activeElement : null;
  if (focused) {
    old.node.replaceWith(node);
    const again = focused.dataset.key && node.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`);
    (again || node).focus();
  }
  return { item, node };
}
