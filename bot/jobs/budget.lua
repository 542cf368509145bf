-- How fast each Slack method may be called by all apps together; a part of the script that begins with `state.lua`.
--
--   pvo:budget:KEY      string  ms at which the next call is due when nobody has rested

-- Answers the ms to wait before the call, which is then reserved; nothing is reserved when that is above `patience`.
-- `rest` is how far ahead calls may be taken: (burst - 1) * interval.
function api.reserve_call(key, interval, rest, patience)
  local name = 'pvo:budget:' .. key
  local due = math.max(tonumber(redis.call('GET', name)) or now, now)
  local wait = math.max(0, due - now - rest)
  if wait <= tonumber(patience) then
    local following = due + interval
    redis.call('SET', name, string.format('%d', following), 'PX', string.format('%d', following - now + 1000))
  end
  return wait
end

-- Slack said to wait: nothing under this key for `pause` ms, whatever was saved up.
function api.pause_calls(key, rest, pause)
  local name = 'pvo:budget:' .. key
  local due = math.max(tonumber(redis.call('GET', name)) or now, now + rest + pause)
  redis.call('SET', name, string.format('%d', due), 'PX', string.format('%d', due - now + 1000))
end
