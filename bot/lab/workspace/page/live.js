// What the page knows, kept true by the live feed, and the requests it makes.

export const store = {
  ready: false, online: false, user: null, channel: null, thread: null, home: false,
  users: new Map(), channels: new Map(), messages: new Map(), views: {}, unread: new Set(),
  command: { name: "", usage: "" }, app: { connections: 0, http: false }, panel: null, bot: "", system: "",
  homes: {}, shortcuts: [], weather: {}, exchanges: [],
};

const APPLY = {
  everything(event) {
    const notes = [...store.messages.values()].filter((message) => message.visible_to);
    for (const name of ["command", "app", "panel", "views", "bot", "system", "homes", "shortcuts", "weather", "exchanges"]) store[name] = event[name];
    store.users = new Map(event.users.map((user) => [user.id, user]));
    store.channels = new Map(event.channels.map((channel) => [channel.id, channel]));
    store.messages = new Map([...event.messages, ...notes].map((message) => [message.ts, message]));
    store.ready = true;
  },
  message({ message }) {
    const fresh = !store.messages.has(message.ts);
    store.messages.set(message.ts, message);
    const elsewhere = store.home || message.channel !== store.channel;
    if (fresh && elsewhere && (!message.visible_to || message.visible_to === store.user)) store.unread.add(message.channel);
  },
  removed: (event) => store.messages.delete(event.ts),
  views: (event) => {
    store.views[event.user] = event.stack;
    if (event.home) store.homes[event.user] = event.home;
  },
  app: (event) => { store.app = event; },
  weather: (event) => { store.weather = event.weather; },
  exchange: (event) => store.exchanges.push(event.exchange),
  panel: (event) => { store.panel = event.panel; },
};

export function follow(changed) {
  const address = new URL("/live", location.href);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  socket.onmessage = (frame) => {
    const event = JSON.parse(frame.data);
    APPLY[event.type]?.(event);
    store.online = true;
    changed();
  };
  socket.onclose = () => {
    store.online = false;
    changed();
    setTimeout(() => follow(changed), 1000);
  };
}

export async function send(what, body) {
  try {
    const answer = await fetch(`/do/${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return answer.ok ? await answer.json() : { ok: false, error: await answer.text() };
  } catch {
    return { ok: false, error: "the workspace does not answer" };
  }
}

export const names = {
  user: (id) => store.users.get(id)?.name,
  channel: (id) => store.channels.get(id)?.name,
};

export const mine = () => [...store.channels.values()].filter((channel) => channel.members.includes(store.user));

export const places = {
  users: () => [...store.users.values()].filter((user) => user.active).map((user) => [user.id, user.name]),
  channels: (filter) => mine()
    .filter((channel) => !(filter?.exclude_external_shared_channels && channel.shared))
    .filter((channel) => filter?.include?.includes(channel.private ? "private" : "public") ?? true)
    .map((channel) => [channel.id, `#${channel.name}${channel.private ? " (private)" : ""}`]),
  current: () => store.channel,
};

const visible = (message) => message.channel === store.channel && (!message.visible_to || message.visible_to === store.user);
const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
const inOrder = (a, b) => (a.ts < b.ts ? -1 : 1);

export function channelMessages() {
  return [...store.messages.values()].filter((message) => visible(message) && (!isReply(message) || message.subtype === "thread_broadcast")).sort(inOrder);
}

export function threadMessages() {
  return [...store.messages.values()].filter((message) => visible(message) && (message.ts === store.thread || message.thread_ts === store.thread)).sort(inOrder);
}
