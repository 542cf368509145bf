-- What becomes of sites over time; a part of the script that begins with `state.lua`.
--
--   pvo:history:SITE    list    entries of whole runs as JSON, in the order in which they were noted
--   pvo:latest          hash    SITE -> the entry of its last whole run
--   pvo:switches        hash    SITE -> what somebody said about watching it
--   pvo:mutes           hash    SITE -> until when it is muted, by whom and why
--   pvo:ill:SITE        string  the run whose card stands for the site's trouble
--   pvo:group:CHANNEL   string  the run whose card takes further troubles of this channel in, for a while
--   pvo:troubles:RUN    hash    SITE -> its trouble as JSON, shown by the card of this run
--   pvo:run:digest-CHANNEL      a digest, which the outbox treats as a run that is always done

-- Answers runs to look at; they come again after `pause` unless they are forgotten.
function api.ended(pause)
  local runs = names_in('pvo:ended', '-inf', now, 'LIMIT', 0, 50)
  for _, run in ipairs(runs) do redis.call('ZADD', 'pvo:ended', now + pause, run) end
  return runs
end

function api.forget_ended(run) redis.call('ZREM', 'pvo:ended', run) end

-- Lets a run go after `pause` ms that the schedule asked for and that no card shows: its report is most of what it is.
function api.let_go(run, pause)
  local request = decoded(redis.call('HGET', run_key(run), 'request'))
  if not request or request.user ~= cjson.null then return end
  if redis.call('EXISTS', cards_key(run)) == 0 then redis.call('PEXPIRE', run_key(run), pause) end
end

-- Two runs of a site may end close to each other: nobody notes one of them again after many others.
local function was_noted(history, entry)
  for _, known in ipairs(redis.call('LRANGE', history, -8, -1)) do
    if known == entry then return true end
  end
  return false
end

local function drop_older(history, oldest)
  local first = redis.call('LINDEX', history, 0)
  while first and tostring((decoded(first) or {}).at or '') < oldest do
    redis.call('LPOP', history)
    first = redis.call('LINDEX', history, 0)
  end
end

-- At most `most` entries are kept, none from before `oldest`. Answers 0 when a later run of the site was noted before.
function api.note(site, run, entry, most, oldest)
  local history = 'pvo:history:' .. site
  if not was_noted(history, entry) then redis.call('RPUSH', history, entry) end
  redis.call('LTRIM', history, -most, -1)
  drop_older(history, oldest)
  redis.call('EXPIRE', history, HISTORY_SECONDS)
  local latest = redis.call('HGET', 'pvo:latest', site)
  if latest and tostring((decoded(latest) or {}).run or '') > run then return 0 end
  redis.call('HSET', 'pvo:latest', site, entry)
  return 1
end

local function stands(run, channel)
  return is_there(run_key(run)) and is_there(card_key(run, channel))
end

-- Answers {the run whose card stands for the trouble of the site, the trouble}, or nothing.
function api.trouble_of(site)
  local lead = redis.call('GET', 'pvo:ill:' .. site)
  local trouble = lead and redis.call('HGET', 'pvo:troubles:' .. lead, site)
  if not trouble or not is_there(run_key(lead)) then return nil end
  return {lead, trouble}
end

local function keep_trouble(lead, site, trouble, over)
  local key = 'pvo:troubles:' .. lead
  redis.call('HSET', key, site, trouble)
  redis.call('EXPIRE', key, RUN_SECONDS)
  if over then
    redis.call('DEL', 'pvo:ill:' .. site)
  else
    redis.call('SET', 'pvo:ill:' .. site, lead, 'EX', RUN_SECONDS)
  end
  redis.call('HINCRBY', run_key(lead), 'version', 1)
  redis.call('EXPIRE', run_key(lead), RUN_SECONDS)
  show(lead, true)
end

-- A new trouble: shown by a card of its own, or by one that was opened in this channel a moment ago.
function api.open_trouble(site, run, channel, trouble, moment)
  local group = 'pvo:group:' .. channel
  local lead = redis.call('GET', group)
  if not lead or not stands(lead, channel) then
    lead = run
    redis.call('SET', group, run, 'PX', moment)
    open_card(run, channel, '')
  end
  keep_trouble(lead, site, trouble, false)
end

function api.change_trouble(site, lead, trouble, over) keep_trouble(lead, site, trouble, over == '1') end

-- Shows the digest of a channel again; `request` is what it is made of when there is none yet.
function api.refresh(channel, request, asked_at)
  local run = 'digest-' .. channel
  if request ~= '' and redis.call('HSETNX', run_key(run), 'request', request) == 1 then
    redis.call('HSET', run_key(run), 'state', 'done', 'asked_at', asked_at)
  end
  if not is_there(run_key(run)) then return end
  redis.call('HINCRBY', run_key(run), 'version', 1)
  if not open_card(run, channel, '') then show(run, false) end
  for _, key in ipairs({card_key(run, channel), cards_key(run)}) do redis.call('PERSIST', key) end
end
