// Emoji words: those that carry a state are drawn by us, so that they look alike everywhere; others are Unicode.

import { picture } from "./dom.js";

const DRAWN = {
  white_check_mark: "check", heavy_check_mark: "check", ballot_box_with_check: "check", x: "cross", heavy_multiplication_x: "cross",
  warning: "warning", hourglass_flowing_sand: "hourglass", hourglass: "hourglass", red_circle: "red",
  large_red_circle: "red", large_green_circle: "green", large_yellow_circle: "yellow", large_orange_circle: "orange",
  large_blue_circle: "blue", white_circle: "white", black_circle: "black", mag: "mag", mag_right: "mag", link: "link",
  bulb: "bulb", wrench: "wrench", hammer_and_wrench: "wrench", information_source: "info", question: "question",
  grey_question: "question", no_entry: "no-entry", no_entry_sign: "no-entry", lock: "lock", bell: "bell", email: "mail",
  envelope: "mail", incoming_envelope: "mail", page_facing_up: "page", memo: "page", clipboard: "page",
  arrows_counterclockwise: "cycle", repeat: "cycle", calendar: "calendar", spiral_calendar_pad: "calendar", mute: "mute", no_bell: "mute", raised_hand: "hand",
};

const UNICODE = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", tada: "🎉", wave: "👋", eyes: "👀", rocket: "🚀", fire: "🔥", rotating_light: "🚨",
  arrow_right: "→", arrow_left: "←", arrow_up: "↑", arrow_down: "↓", left_right_arrow: "↔", key: "🔑", gear: "⚙",
  electric_plug: "🔌", stopwatch: "⏱", clock1: "🕐", inbox_tray: "📥", outbox_tray: "📤", package: "📦",
  bar_chart: "📊", speech_balloon: "💬", construction: "🚧", shield: "🛡", point_right: "👉",
  heavy_minus_sign: "−", heavy_plus_sign: "+", small_blue_diamond: "◆", black_small_square: "▪", smile: "😄",
  slightly_smiling_face: "🙂", pray: "🙏", raised_hands: "🙌", robot_face: "🤖", bust_in_silhouette: "👤", pencil2: "✏",
};

export function emoji(name) {
  if (Object.hasOwn(DRAWN, name)) return picture("emoji.svg", DRAWN[name], name.replaceAll("_", " "));
  if (Object.hasOwn(UNICODE, name)) return document.createTextNode(UNICODE[name]);
  return document.createTextNode(`:${name}:`);
}
