-- Before every script of ours: nothing that stands in Redis may end a script, and every server gets the same words.
--
--   pvo:unreadable      hash    "KEY" or "KEY MEMBER" -> "MS WHY: VALUE" of what was set aside, for a while
--   pvo:unreadable:KEY          the key of another type itself
--
-- What cannot be read is set aside and then counts as absent; the caller logs what `aside` names.

local server, aside = redis, {}
local UNREADABLE, MOST, LONGEST = 'pvo:unreadable', 1000, 1000
local LARGEST = 2 ^ 53

-- Text of a number: servers differ in what they make of -0 and of fractions.
local function words_of(...)
  local words = {...}
  for i = 1, #words do
    if type(words[i]) == 'number' then words[i] = string.format('%.0f', words[i] + 0):gsub('^%-0$', '0') end
  end
  return words
end

local function clock()
  local time = server.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function has_room()
  if server.call('TYPE', UNREADABLE).ok ~= 'hash' then server.call('DEL', UNREADABLE) end
  return server.call('HLEN', UNREADABLE) < MOST
end

local function note_aside(name, why, value)
  if has_room() or server.call('HEXISTS', UNREADABLE, name) == 1 then
    local text = string.format('%.0f', clock()) .. ' ' .. why .. ': ' .. string.sub(value, 1, LONGEST)
    server.call('HSET', UNREADABLE, name, text)
    server.call('EXPIRE', UNREADABLE, UNREADABLE_SECONDS)
  end
  table.insert(aside, {name, why})
end

-- The whole key, kept under another name as long as there is room for more.
local function set_key_aside(key, why)
  local kind = server.call('TYPE', key).ok
  if kind == 'none' then return end
  if has_room() then
    server.call('RENAME', key, UNREADABLE .. ':' .. key)
    server.call('EXPIRE', UNREADABLE .. ':' .. key, UNREADABLE_SECONDS)
  else
    server.call('DEL', key)
  end
  note_aside(key, why, kind)
end

local REMOVALS = {
  hash = function(key, member) return server.call('HGET', key, member), server.call('HDEL', key, member) end,
  zset = function(key, member) return server.call('ZSCORE', key, member), server.call('ZREM', key, member) end,
  set = function(key, member) return '', server.call('SREM', key, member) end,
  list = function(key, member) return '', server.call('LREM', key, 0, member) end,
  stream = function(key, member) return '', server.call('XDEL', key, member) end,
}

-- One field, member or entry.
local function set_member_aside(key, member, why)
  local remove = REMOVALS[server.call('TYPE', key).ok]
  local value, removed = nil, 0
  if remove then value, removed = remove(key, member) end
  if removed > 0 then note_aside(key .. ' ' .. member, why, value or '') end
end

-- A command whose second word is its key, done again after what is in its way was set aside.
local function guarded(command, key, ...)
  local words = words_of(...)
  local answer = server.pcall(command, key, unpack(words))
  if type(answer) ~= 'table' or not answer.err then return answer end
  if string.find(answer.err, 'WRONGTYPE', 1, true) then
    set_key_aside(key, 'another type')
  elseif command == 'HINCRBY' then
    set_member_aside(key, words[1], 'not a number')
  else
    return server.call(command, key, unpack(words)) -- raises
  end
  return server.call(command, key, unpack(words))
end

local redis = {call = function(command, ...)
  if command == 'TIME' then return server.call(command) end
  return guarded(command, ...)
end}

-- A whole number that texts and scores can hold, nil for everything else.
local function number(text)
  local found = tonumber(text)
  if found and found == found and math.abs(found) < LARGEST then return math.floor(found) end
end

-- The number in a field of a hash; what is none is set aside.
local function field_number(key, field)
  local text = redis.call('HGET', key, field)
  local found = number(text)
  if text and not found then set_member_aside(key, field, 'not a number') end
  return found
end

-- The object that a text of JSON is, nil for everything else.
local function decoded(text)
  local fine, found = pcall(cjson.decode, text or '')
  if fine and type(found) == 'table' then return found end
end

-- Whether a text can be (part of) the name of a key of ours.
local function is_name(text) return string.find(text, '^[\33-\126]+$') ~= nil end

-- Whether there is a hash under this key: one of another type is set aside.
local function is_there(key) return redis.call('HLEN', key) > 0 end

-- The members of a sorted set with such scores that are names; others are set aside.
local function names_in(key, lowest, highest, ...)
  local found = {}
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', key, lowest, highest, ...)) do
    if is_name(name) then
      table.insert(found, name)
    else
      set_member_aside(key, name, 'not a name')
    end
  end
  return found
end

-- Takes a member out of a sorted set, which is nothing to speak of if it is the name of something that is gone.
local function drop_name(key, name)
  if is_name(name) then redis.call('ZREM', key, name) else set_member_aside(key, name, 'not a name') end
end

-- Who holds a lease; one without an end is set aside.
local function holder_of(key)
  local holder = redis.call('GET', key)
  if holder and redis.call('PTTL', key) < 0 then
    set_key_aside(key, 'a lease without an end')
    return nil
  end
  return holder
end

local api = {}

-- Sets aside a whole key, or one member of it: a field that still holds `value`, an element of a list or a set.
function api.set_aside(key, why, member, value)
  if not member then
    set_key_aside(key, why)
  elseif server.call('TYPE', key).ok ~= 'hash' or server.call('HGET', key, member) == value then
    set_member_aside(key, member, why)
  end
end

-- Reads, so that a key of another type is set aside.
function api.look(command, ...) redis.call(command, ...) end
