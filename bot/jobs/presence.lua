-- Which apps live, and how many connections Slack counts for all of them together.
--
--   pvo:apps       zset  apps with a connection, by until when each is taken for alive without another sign
--   pvo:headcount  hash  connections apps at due since strange
--                        `since`: when there were first more connections than apps, 0 = there are not;
--                        `strange`: 1 once that has lasted longer than it is borne

function api.app_lives(app, lease) redis.call('ZADD', 'pvo:apps', now + lease, app) end

function api.app_ended(app) redis.call('ZREM', 'pvo:apps', app) end

-- 1 = the caller is to count now, for all apps; whoever fails is followed by another one after `again`.
-- The first time nobody counts yet, but from then on a count that never comes shows as an old one.
function api.take_count(again)
  local due = field_number('pvo:headcount', 'due')
  if due and due > now then return 0 end
  redis.call('HSET', 'pvo:headcount', 'due', now + again)
  if due then return 1 end
  redis.call('HSET', 'pvo:headcount', 'connections', 0, 'apps', 0, 'strange', 0, 'since', 0, 'at', now)
  return 0
end

function api.note_count(connections, grace, calm, again)
  redis.call('ZREMRANGEBYSCORE', 'pvo:apps', '-inf', now)
  local apps = redis.call('ZCARD', 'pvo:apps')
  local since, strange = 0, 0
  if tonumber(connections) > apps then
    since = field_number('pvo:headcount', 'since') or 0
    if since == 0 then since = now end
    strange = now - since >= tonumber(grace) and 1 or 0
  end
  redis.call('HSET', 'pvo:headcount', 'connections', connections, 'apps', apps, 'at', now)
  redis.call('HSET', 'pvo:headcount', 'since', since, 'strange', strange, 'due', now + (since > 0 and again or calm))
end

-- {connections, apps, strange, milliseconds since the count}; empty where nobody ever began to count.
function api.headcount()
  if not is_there('pvo:headcount') then return {} end
  local connections, apps = field_number('pvo:headcount', 'connections'), field_number('pvo:headcount', 'apps')
  local strange, at = field_number('pvo:headcount', 'strange'), field_number('pvo:headcount', 'at')
  if not (connections and apps and strange and at) then return {0, 0, 0, now} end -- as if it were very old
  return {connections, apps, strange, now - at}
end

function api.count_no_more() redis.call('DEL', 'pvo:apps', 'pvo:headcount') end
