-- Remediations and the audit trail. A remediation is one text, replaced as a whole if its version is still the one
-- that was read; the rows of the audit trail that belong to the change are added with it, or nothing happens.
--
--   pvo:remedy:ID        hash    text version nonce holder due
--   pvo:remedies:RUN     zset    the remediations of a run, by when they were proposed
--   pvo:remedies         zset    those that have no end yet, by when they were proposed
--   pvo:remedies:work    zset    by when a worker is to look, or its lease ends
--   pvo:remedies:wake    list    one token when a worker should look again
--   pvo:notices          zset    requests whose message is due, or by when its lease ends
--   pvo:notices:holders  hash    request -> the app that has it, and the version that it shows
--   pvo:notices:wake     list    one token when an app should look again
--   pvo:hold:APPLIANCE   string  the attempt that may change the appliance
--   pvo:audit            stream  row
--   pvo:audit:head       string  what the next row must name as previous

local function remedy_key(id) return 'pvo:remedy:' .. id end

local function ring(list)
  if redis.call('LLEN', list) == 0 then redis.call('LPUSH', list, 1) end
  redis.call('EXPIRE', list, 60)
end

local function append(rows, first)
  for i = first, #rows do redis.call('XADD', 'pvo:audit', '*', 'row', rows[i]) end
end

local function look_at(id, at)
  if at < 0 then
    redis.call('ZREM', 'pvo:remedies:work', id)
  else
    redis.call('ZADD', 'pvo:remedies:work', at, id)
    ring('pvo:remedies:wake')
  end
end

local function head_is(head) return (redis.call('GET', 'pvo:audit:head') or '') == head end

-- Adds rows to the audit trail if `head` is still its head; 0 when it is not.
function api.append(head, next_head, ...)
  if not head_is(head) then return 0 end
  append({...}, 1)
  redis.call('SET', 'pvo:audit:head', next_head)
  return 1
end

-- `version` 0 = a new one. `due`: milliseconds until a worker is to look, -1 = nobody need. `notice` = 1: its message
-- must change. `nonce` names the call: made again because its answer got lost, it answers 1 and does nothing.
-- `stamp` is the nonce of the call that wrote what was read: after this server went back to an earlier state, the same
-- version may be another text. Answers 1, 0 when it was changed since, -1 when the head of the audit trail is another.
function api.put_remedy(id, nonce, version, stamp, text, run, proposed, open, due, notice, head, next_head, ...)
  local key = remedy_key(id)
  if redis.call('HGET', key, 'nonce') == nonce then return 1 end
  if (redis.call('HGET', key, 'version') or '0') ~= version then return 0 end
  if (redis.call('HGET', key, 'nonce') or '') ~= stamp then return 0 end
  if next_head ~= '' then
    if not head_is(head) then return -1 end
    append({...}, 1)
    redis.call('SET', 'pvo:audit:head', next_head)
  end
  due = tonumber(due) < 0 and -1 or now + due
  redis.call('HSET', key, 'text', text, 'version', version + 1, 'nonce', nonce, 'due', due)
  redis.call('EXPIRE', key, REMEDY_SECONDS)
  redis.call('ZADD', 'pvo:remedies:' .. run, proposed, id)
  redis.call('EXPIRE', 'pvo:remedies:' .. run, REMEDY_SECONDS)
  if open == '1' then
    redis.call('ZADD', 'pvo:remedies', proposed, id)
  else
    redis.call('ZREM', 'pvo:remedies', id)
  end
  if redis.call('HEXISTS', key, 'holder') == 0 then
    look_at(id, due)
  end
  if notice == '1' and redis.call('HEXISTS', 'pvo:notices:holders', id) == 0 then
    redis.call('ZADD', 'pvo:notices', now, id)
    ring('pvo:notices:wake')
  end
  if is_there(run_key(run)) then
    redis.call('HINCRBY', run_key(run), 'version', 1)
    show(run, true)
  end
  return 1
end

-- Proposes once for an envelope: as `ask` does for runs.
function api.seen(envelope, id)
  local seen = 'pvo:seen:' .. envelope
  if not redis.call('SET', seen, id, 'NX', 'EX', SEEN_SECONDS) then
    return redis.call('GET', seen) == id and 1 or 0
  end
  return 1
end

-- Answers {0, id} of the remediation now leased to `holder`, or {milliseconds until there is one, or -1}.
function api.take_remedy(holder, lease)
  while true do
    local id, at = unpack(redis.call('ZRANGEBYSCORE', 'pvo:remedies:work', '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 1))
    if not id then return {-1} end
    if (number(at) or 0) > now then return {at - now} end
    if is_name(id) and is_there(remedy_key(id)) then
      redis.call('HSET', remedy_key(id), 'holder', holder)
      redis.call('ZADD', 'pvo:remedies:work', now + lease, id)
      return {0, id}
    end
    drop_name('pvo:remedies:work', id)
  end
end

function api.keep_remedy(holder, lease, id)
  if redis.call('HGET', remedy_key(id), 'holder') ~= holder then return 0 end
  redis.call('ZADD', 'pvo:remedies:work', now + lease, id)
  return 1
end

-- `pause`: milliseconds until somebody is to look again, -1 = when the remediation itself says so.
function api.drop_remedy(holder, id, pause)
  local key = remedy_key(id)
  if redis.call('HGET', key, 'holder') ~= holder then return 0 end
  redis.call('HDEL', key, 'holder')
  look_at(id, tonumber(pause) < 0 and (field_number(key, 'due') or -1) or now + pause)
  return 1
end

-- Those that a sorted set names and that are still there.
function api.list_remedies(key)
  local found = {}
  for _, id in ipairs(names_in(key, '-inf', '+inf')) do
    if is_name(id) and is_there(remedy_key(id)) then
      table.insert(found, id)
    else
      drop_name(key, id)
    end
  end
  return found
end

function api.hold(appliance, attempt, lease)
  local key = 'pvo:hold:' .. appliance
  if redis.call('SET', key, attempt, 'NX', 'PX', lease) then return 1 end
  if holder_of(key) ~= attempt then return 0 end
  redis.call('PEXPIRE', key, lease)
  return 1
end

function api.free(appliance, attempt)
  local key = 'pvo:hold:' .. appliance
  if redis.call('GET', key) == attempt then redis.call('DEL', key) end
end

-- Answers {0, id} of the request whose message is now leased to `holder`, or {milliseconds until one is due, or -1}.
function api.take_notice(holder, lease)
  while true do
    local id, at = unpack(redis.call('ZRANGEBYSCORE', 'pvo:notices', '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 1))
    if not id then return {-1} end
    if (number(at) or 0) > now then return {at - now} end
    if is_name(id) and is_there(remedy_key(id)) then
      redis.call('HSET', 'pvo:notices:holders', id, holder)
      redis.call('ZADD', 'pvo:notices', now + lease, id)
      return {0, id}
    end
    drop_name('pvo:notices', id)
    redis.call('HDEL', 'pvo:notices:holders', id)
  end
end

-- `shown`: the version that the message shows now, 0 = not delivered; `pause`: milliseconds until it is due again.
function api.give_notice(holder, id, shown, pause)
  if redis.call('HGET', 'pvo:notices:holders', id) ~= holder then return end
  redis.call('HDEL', 'pvo:notices:holders', id)
  local current = field_number(remedy_key(id), 'version')
  if not current or (tonumber(shown) > 0 and current <= tonumber(shown)) then
    redis.call('ZREM', 'pvo:notices', id)
  else
    redis.call('ZADD', 'pvo:notices', now + pause, id)
    ring('pvo:notices:wake')
  end
end
