-- What a rebuild of the ledger does. It stands alone: the other scripts begin with prelude.lua.
--
-- Keys       1 epoch, in which the rebuild has put a word of its own   2... the keys that it is about
-- Arguments  1 that word   2 what to do:
--            FENCE   3 what key 1 holds, '' for nothing: key 1 becomes the word
--            CLEAR   takes the keys away
--            WRITE   3... number of the key, field, value: writes fields of hashes
--            OPEN    3 run_id of Redis   4 epoch: key 2 becomes the run_id, key 1 the epoch
-- Replies    "OK", or "FENCED": another rebuild has begun or was done; nothing done
--
-- Invariant: while key 1 holds the word, no other script of the ledger does anything.

local owner = redis.call('GET', KEYS[1]) or ''
if owner ~= (ARGV[2] == 'FENCE' and ARGV[3] or ARGV[1]) then
  return 'FENCED'
end
if ARGV[2] == 'FENCE' then
  redis.call('SET', KEYS[1], ARGV[1])
elseif ARGV[2] == 'CLEAR' then
  for n = 2, #KEYS do
    redis.call('UNLINK', KEYS[n])
  end
elseif ARGV[2] == 'WRITE' then
  for n = 3, #ARGV, 3 do
    redis.call('HSET', KEYS[tonumber(ARGV[n])], ARGV[n + 1], ARGV[n + 2])
  end
else
  redis.call('SET', KEYS[2], ARGV[3])
  redis.call('SET', KEYS[1], ARGV[4])
end
return 'OK'
