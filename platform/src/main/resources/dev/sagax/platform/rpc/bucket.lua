-- Takes tokens out of one bucket, which fills up again by itself.
--
-- KEYS[1]  the bucket: a hash of `tokens` (with fractions) and `at` (the time they were counted, in ms)
-- ARGV     tokens per second, the most the bucket holds, how many were spent on credit, how many more are wanted
-- reply    granted, left (whole tokens), ms until the next whole token
--
-- What was spent on credit is taken whether it is there or not: a bucket may hold less than nothing, and pays back as it
-- fills up. The time is Redis's own, so replicas with other clocks agree. A bucket that was not touched while it filled up
-- is full and expires. What changes nothing writes nothing. Numbers here are doubles: a limit is not money.
local rate, burst, owed, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or burst
local at = tonumber(bucket[2]) or now

-- A clock that was set back gives nothing and takes nothing.
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000) - owed
local granted = math.max(0, math.min(wanted, math.floor(tokens)))
tokens = tokens - granted

if owed > 0 or granted > 0 or now < at then
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.3f', tokens), 'at', string.format('%d', now))
  redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / rate) + 1000)
end
local next = 0
if tokens < 1 then
  next = math.ceil((1 - tokens) * 1000 / rate)
end
return {granted, math.floor(tokens), next}
