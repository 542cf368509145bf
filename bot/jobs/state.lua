-- Everything that must happen at once: the state of runs, their leases, and the cards that are due.
--
-- ARGV: the name of a function below, and its arguments. Times are milliseconds of this server's clock.
--   pvo:seen:KEY        string  the run that an envelope became
--   pvo:run:RUN         hash    state request asked_at checks_done checks_total report reason version attempts same
--   pvo:asked           zset    runs not yet admitted, by when they were asked for
--   pvo:going           hash    "SITE AREA,AREA" -> the run that is queued or running
--   pvo:open            zset    queued and running runs, by when to see whether a job is still there for them
--   pvo:lease:RUN       string  the attempt that carries out the run
--   pvo:cards:RUN       set     channels with a card of the run
--   pvo:card:RUN:CHANNEL hash   user ts post:KEY holder shown_at not_before
--   pvo:outbox          zset    "RUN CHANNEL", by when it is due or its lease ends
--   pvo:wake            list    one token when somebody should look at the outbox again
--   pvo:ended           zset    runs with a report that the watch has not seen, by when to look at them

local OPEN = {queued = true, running = true}

local now = clock()

local function run_key(run) return 'pvo:run:' .. run end
local function lease_key(run) return 'pvo:lease:' .. run end
local function cards_key(run) return 'pvo:cards:' .. run end
local function card_key(run, channel) return 'pvo:card:' .. run .. ':' .. channel end
local function state_of(run) return redis.call('HGET', run_key(run), 'state') end
local function is_open(run) return OPEN[state_of(run)] or false end

local function wake()
  if redis.call('LLEN', 'pvo:wake') == 0 then redis.call('LPUSH', 'pvo:wake', 1) end
end

local function channels_of(run)
  local found = {}
  for _, channel in ipairs(redis.call('SMEMBERS', cards_key(run))) do
    if is_name(channel) then
      table.insert(found, channel)
    else
      set_member_aside(cards_key(run), channel, 'not a name')
    end
  end
  return found
end

-- A card in somebody's hands is left alone: `settle` sees that its run has changed.
local function show(run, at_once)
  for _, channel in ipairs(channels_of(run)) do
    local card = card_key(run, channel)
    local shown_at, not_before, holder =
      unpack(redis.call('HMGET', card, 'shown_at', 'not_before', 'holder'))
    redis.call('EXPIRE', card, RUN_SECONDS)
    if not holder then
      local at = now
      if not at_once then at = math.max(at, (number(shown_at) or 0) + CARD_PAUSE) end
      at = math.max(at, number(not_before) or 0)
      redis.call('ZADD', 'pvo:outbox', 'LT', at, run .. ' ' .. channel)
    end
  end
  redis.call('EXPIRE', cards_key(run), RUN_SECONDS)
  wake()
end

local function open_card(run, channel, user)
  local card = card_key(run, channel)
  if redis.call('HSETNX', card, 'user', user) == 0 then return false end
  redis.call('EXPIRE', card, RUN_SECONDS)
  redis.call('SADD', cards_key(run), channel)
  redis.call('EXPIRE', cards_key(run), RUN_SECONDS)
  redis.call('ZADD', 'pvo:outbox', now, run .. ' ' .. channel)
  wake()
  return true
end

local function close(run)
  local same = redis.call('HGET', run_key(run), 'same')
  if same and redis.call('HGET', 'pvo:going', same) == run then redis.call('HDEL', 'pvo:going', same) end
  redis.call('ZREM', 'pvo:open', run)
end

local function change(run, state, ...)
  redis.call('HSET', run_key(run), 'state', state, ...)
  redis.call('HINCRBY', run_key(run), 'version', 1)
  redis.call('EXPIRE', run_key(run), RUN_SECONDS)
  redis.call('ZREM', 'pvo:asked', run)
  if not OPEN[state] then close(run) end
  if state == 'done' then redis.call('ZADD', 'pvo:ended', now, run) end
  show(run, not OPEN[state])
end

function api.asked(older_than)
  local runs = names_in('pvo:asked', '-inf', now - older_than)
  for _, run in ipairs(runs) do
    if state_of(run) ~= 'asked' then redis.call('ZREM', 'pvo:asked', run) end
  end
  return runs
end

-- Answers {run, 1 when it is shown by a card that was there before}, or nothing when it is not `asked`.
-- A run that nobody asked for (`user` = "") gets no card.
function api.admit(run, same, channel, user, request)
  if state_of(run) ~= 'asked' then return nil end
  local going = redis.call('HGET', 'pvo:going', same)
  if going and is_open(going) then
    change(run, 'refused', 'reason', 'Run ' .. going .. ', which was already going, answers it.')
    return {going, user ~= '' and not open_card(going, channel, user) and 1 or 0}
  end
  change(run, 'queued', 'same', same, 'request', request)
  redis.call('HSET', 'pvo:going', same, run)
  redis.call('ZADD', 'pvo:open', now + JOB_PAUSE, run)
  if user ~= '' then open_card(run, channel, user) end
  return {run, 0}
end

-- Compare-and-set: from one of the states in `from` ("a,b") to `to`, with more fields.
function api.move(run, from, to, ...)
  local state = state_of(run)
  if not state or not string.find(',' .. from .. ',', ',' .. state .. ',', 1, true) then return 0 end
  change(run, to, ...)
  return 1
end

-- Answers which attempt this is (1, 2, ...); 0 when another one carries out the run; -1 when it has an end.
function api.take_run(run, attempt, lease)
  if not is_open(run) then return -1 end
  if redis.call('SET', lease_key(run), attempt, 'NX', 'PX', lease) then
    return redis.call('HINCRBY', run_key(run), 'attempts', 1)
  end
  if holder_of(lease_key(run)) ~= attempt then return 0 end
  return field_number(run_key(run), 'attempts') or 0
end

function api.keep_run(run, attempt, lease)
  local holder = holder_of(lease_key(run))
  if not is_open(run) or (holder and holder ~= attempt) then return 0 end
  redis.call('SET', lease_key(run), attempt, 'PX', lease)
  return 1
end

-- `unused` = 1: the attempt does not count, it was handed back. `pause`: until a job is there for it again.
function api.drop_run(run, attempt, unused, pause)
  if redis.call('GET', lease_key(run)) ~= attempt then return 0 end
  redis.call('DEL', lease_key(run))
  if unused == '1' and is_there(run_key(run)) then redis.call('HINCRBY', run_key(run), 'attempts', -1) end
  redis.call('ZADD', 'pvo:open', 'XX', now + pause, run)
  return 1
end

-- Runs that nobody carries out, each with 1 when no person asked for it; the caller sees to it that each has a job.
function api.abandoned()
  local found = {}
  for _, run in ipairs(names_in('pvo:open', '-inf', now, 'LIMIT', 0, 100)) do
    if not is_open(run) then
      redis.call('ZREM', 'pvo:open', run)
    else
      redis.call('ZADD', 'pvo:open', now + JOB_PAUSE, run)
      if not holder_of(lease_key(run)) then
        local request = decoded(redis.call('HGET', run_key(run), 'request')) or {}
        local user = request.user
        table.insert(found, {run, (not user or user == cjson.null) and 1 or 0})
      end
    end
  end
  return found
end

local function next_due(latest)
  return unpack(redis.call('ZRANGEBYSCORE', 'pvo:outbox', '-inf', latest, 'WITHSCORES', 'LIMIT', 0, 1))
end

-- Answers {0, "RUN CHANNEL"} of the card now leased to `holder`, or {milliseconds until there is one, or -1}.
function api.take_card(holder, lease)
  local name = next_due(now)
  while name do
    local run, channel = string.match(name, '^([\33-\126]+) ([\33-\126]+)$')
    if not run then
      set_member_aside('pvo:outbox', name, 'not "RUN CHANNEL"')
    elseif is_there(card_key(run, channel)) and is_there(run_key(run)) then
      redis.call('HSET', card_key(run, channel), 'holder', holder)
      redis.call('ZADD', 'pvo:outbox', now + lease, name)
      return {0, name}
    else
      redis.call('ZREM', 'pvo:outbox', name)
    end
    name = next_due(now)
  end
  local _, at = next_due('+inf')
  return {(number(at) or now - 1) - now}
end

function api.keep_card(holder, lease, run, channel)
  if redis.call('HGET', card_key(run, channel), 'holder') == holder then
    redis.call('ZADD', 'pvo:outbox', 'XX', now + lease, run .. ' ' .. channel)
  end
end

function api.settle(holder, run, channel, version)
  local card, name = card_key(run, channel), run .. ' ' .. channel
  if redis.call('HGET', card, 'holder') ~= holder then return end
  redis.call('HDEL', card, 'holder', 'not_before')
  redis.call('HSET', card, 'shown_at', now)
  local current = field_number(run_key(run), 'version')
  if not current or current <= tonumber(version) then
    redis.call('ZREM', 'pvo:outbox', name)
  else
    redis.call('ZADD', 'pvo:outbox', is_open(run) and now + CARD_PAUSE or now, name)
    wake()
  end
end

function api.release(holder, run, channel, pause)
  local card = card_key(run, channel)
  if redis.call('HGET', card, 'holder') ~= holder then return end
  redis.call('HDEL', card, 'holder')
  redis.call('HSET', card, 'not_before', now + pause)
  redis.call('ZADD', 'pvo:outbox', now + pause, run .. ' ' .. channel)
  wake()
end

function api.record(run, channel, field, value)
  local card = card_key(run, channel)
  if is_there(card) then redis.call('HSET', card, field, value) end
end
