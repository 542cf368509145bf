-- What happens before a command is acknowledged, alone: the server goes through a whole script at each call.
--
-- The keys are those of `state.lua`. Answers 0 for an envelope that was seen before.

function api.ask(envelope, run, request, asked_at)
  local seen = 'pvo:seen:' .. envelope
  if not redis.call('SET', seen, run, 'NX', 'EX', SEEN_SECONDS) then
    return redis.call('GET', seen) == run and 1 or 0 -- the same call again: its answer got lost
  end
  local key = 'pvo:run:' .. run
  redis.call('HSET', key, 'state', 'asked', 'request', request, 'asked_at', asked_at, 'version', 1)
  redis.call('EXPIRE', key, RUN_SECONDS)
  redis.call('ZADD', 'pvo:asked', clock(), run)
  return 1
end
