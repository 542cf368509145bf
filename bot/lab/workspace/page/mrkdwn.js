// Slack's mrkdwn, turned into nodes: fences, quotes, bold, italic, strike, code, links, mentions, emoji.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";

const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "<(?<angle>[^<>\\n]+)>",
    ":(?<emoji>[a-z0-9_+-]+):",
    "(?<![\\w*])\\*(?<bold>\\S|\\S[^*\\n]*?\\S)\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>\\S|\\S[^\\n]*?\\S)_(?![\\w_])",
    "(?<![\\w~])~(?<strike>\\S|\\S[^~\\n]*?\\S)~(?![\\w~])",
    "(?<url>https?://[^\\s<>|`]+[^\\s<>|`.,;:!?)])",
  ].join("|"),
  "gu",
);

function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function lines(text) {
  return unescape(text).split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

export function link(address, label) {
  if (!/^(https?:|mailto:)/i.test(address)) return document.createTextNode(label);
  const own = address.startsWith(location.origin + "/archives/");
  return h("a", own ? { href: address, "data-archive": true } : { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

function angle(content, names) {
  const bar = content.indexOf("|");
  const [target, label] = bar < 0 ? [content, ""] : [content.slice(0, bar), content.slice(bar + 1)];
  if (target.startsWith("@")) return mention("@" + (names.user(target.slice(1)) || label || target.slice(1)));
  if (target.startsWith("#")) return mention("#" + (names.channel(target.slice(1)) || label || target.slice(1)));
  if (target.startsWith("!subteam^")) return mention(label || "@" + target.slice(9));
  if (target.startsWith("!date^")) return document.createTextNode(unescape(label));
  if (target.startsWith("!")) return mention("@" + target.slice(1));
  return link(unescape(target), unescape(label || target));
}

export function mention(text) {
  return h("span", { class: "mention" }, text);
}

export function inline(text, names) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const found = match.groups;
    nodes.push(...lines(text.slice(from, match.index)));
    if (found.code) nodes.push(h("code", {}, unescape(found.code)));
    else if (found.angle) nodes.push(angle(found.angle, names));
    else if (found.emoji) nodes.push(emoji(found.emoji));
    else if (found.bold) nodes.push(h("strong", {}, inline(found.bold, names)));
    else if (found.italic) nodes.push(h("em", {}, inline(found.italic, names)));
    else if (found.strike) nodes.push(h("s", {}, inline(found.strike, names)));
    else if (found.url) nodes.push(link(unescape(found.url), unescape(found.url)));
    from = match.index + match[0].length;
  }
  return [...nodes, ...lines(text.slice(from))];
}

function paragraphs(text, names) {
  const nodes = [];
  for (const part of text.split(/((?:^(?:>|&gt;).*(?:\n|$))+)/m)) {
    if (/^(>|&gt;)/.test(part)) nodes.push(h("blockquote", {}, inline(part.replace(/^(>|&gt;) ?/gm, "").replace(/\n$/, ""), names)));
    else if (part) nodes.push(...inline(part.replace(/\n$/, ""), names));
  }
  return nodes;
}

export function mrkdwn(text, names) {
  return text.split(/```\n?([\s\S]*?)\n?```\n?/).flatMap((part, index) =>
    index % 2 ? [h("pre", { tabindex: "0" }, unescape(part))] : paragraphs(part.replace(/\n$/, ""), names),
  );
}

export function plain(text) {
  return text.split(/:([a-z0-9_+-]+):/).flatMap((part, index) => (index % 2 ? [emoji(part)] : lines(part)));
}

export function textObject(object, names) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : plain(object.text);
}
