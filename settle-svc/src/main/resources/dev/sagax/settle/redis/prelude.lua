-- What every script of the ledger begins with (LedgerScript puts it before each of them).
--
-- Keys       1 epoch   2 dirty mark   3 log of this flow's partition: a hash with "mark" = last applied position
--            and, until PostgreSQL has them, position -> verdict
-- Arguments  1 epoch of the caller   2 the position before the first   3 previous: the caller continues after this
--            4 forget: verdicts up to here are in PostgreSQL ("" = forget nothing)   5 end: the batch reaches to here
--            6 number of records   7 who writes, for the dirty mark   8... the records, in ascending positions
-- Replies    {"OK", verdict of each record ...}
--            {"FENCED", epoch}       the ledger was rebuilt; nothing done
--            {"DIRTY", who}          a script broke off midway; the ledger stands still until it is rebuilt; nothing done
--            {"GAP", mark}           previous is above the mark: records between are missing; nothing done
--            {"LOST", position}      applied before, but its verdict is forgotten: the journal has it; nothing done
--
-- Invariant: a position's effect, its verdict and the mark appear together, once. Positions up to the mark are only
-- answered. Amounts are canonical non-negative decimal strings, never Lua numbers: those are doubles. Only positions and
-- counts pass through tonumber.

local LOG = KEYS[3]

local state = redis.call('MGET', KEYS[1], KEYS[2])
if state[1] ~= ARGV[1] then
  return {'FENCED', state[1] or ''}
end
if state[2] then
  return {'DIRTY', state[2]}
end

local markText = redis.call('HGET', LOG, 'mark') or ARGV[2]
local mark = tonumber(markText)
if tonumber(ARGV[3]) > mark then
  return {'GAP', markText}
end

local reply = {'OK'}
local writing = false

-- Exact a < b.
local function less(a, b)
  if string.byte(a) == 45 then -- "-": a broken balance covers nothing
    return true
  end
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end

local function forget(upTo)
  if upTo == mark then
    redis.call('DEL', LOG)
    redis.call('HSET', LOG, 'mark', markText)
    return
  end
  for _, field in ipairs(redis.call('HKEYS', LOG)) do
    if field ~= 'mark' and tonumber(field) <= upTo then
      redis.call('HDEL', LOG, field)
    end
  end
end

-- To be called before the first write.
local function begin()
  if not writing then
    writing = true
    redis.call('SET', KEYS[2], ARGV[7])
    if ARGV[4] ~= '' then
      forget(tonumber(ARGV[4]))
    end
  end
end

local function clean()
  if writing then
    redis.call('DEL', KEYS[2])
  end
end

local function finish()
  if tonumber(ARGV[5]) > tonumber(markText) then
    begin()
    redis.call('HSET', LOG, 'mark', ARGV[5])
  end
  clean()
  return reply
end

-- Takes an amount off what is available; false, and nothing done, if that does not cover it.
local function take(account, asset, amount)
  if less(redis.call('HGET', account, asset .. ':a') or '0', amount) then
    return false
  end
  redis.call('HINCRBY', account, asset .. ':a', '-' .. amount)
  return true
end

-- Decides each record that is new, answers the others with their verdicts, and replies.
--   width(at)    how many arguments the record at ARGV[at] has
--   decide(at)   checks, then writes, and returns the verdict; or returns nil and a reply to stop with, having written nothing
local function run(width, decide)
  local at = 8
  for _ = 1, tonumber(ARGV[6]) do
    local position, verdict, instead = ARGV[at], nil, nil
    if tonumber(position) > mark then
      begin()
      verdict, instead = decide(at)
      if verdict then -- The mark and the verdict, beside the writes.
        redis.call('HSET', LOG, position, verdict, 'mark', position)
        markText = position
      end
    else
      verdict, instead = redis.call('HGET', LOG, position), {'LOST', position}
    end
    if not verdict then
      clean()
      return instead
    end
    reply[#reply + 1] = verdict
    at = at + width(at)
  end
  return finish()
end
