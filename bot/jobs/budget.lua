-- How fast each Slack method may be called by all apps together; a part of the script that begins with `state.lua`.
--
--   pvo:budget:KEY      string  ms at which the next call is due when nobody has rested

local FAR = 86400000

-- When the next call is due, at the earliest now.
local function due_of(name)
  local text = redis.call('GET', name)
  local due = number(text)
  if text and not (due and due < now + FAR) then set_key_aside(name, 'not a time') due = nil end
  return math.max(due or now, now)
end

-- Answers the ms to wait before the call, which is then reserved; nothing is reserved when that is above `patience`.
-- `rest` is how far ahead calls may be taken: (burst - 1) * interval.
function api.reserve_call(key, interval, rest, patience)
  local name = 'pvo:budget:' .. key
  local due = due_of(name)
  local wait = math.max(0, due - now - rest)
  if wait <= tonumber(patience) then
    local following = due + interval
    redis.call('SET', name, following, 'PX', following - now + 1000)
  end
  return wait
end

-- Slack said to wait: nothing under this key for `pause` ms, whatever was saved up.
function api.pause_calls(key, rest, pause)
  local name = 'pvo:budget:' .. key
  local due = math.max(due_of(name), now + rest + pause)
  redis.call('SET', name, due, 'PX', due - now + 1000)
end
