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

-- The verdict of a position that is applied already, nil if it is not, false if it is forgotten.
local function applied(position)
  if tonumber(position) > mark then
    return nil
  end
  return redis.call('HGET', LOG, position)
end

-- The mark and the verdict of a record, beside its writes.
local function decided(position, verdict)
  redis.call('HSET', LOG, position, verdict, 'mark', position)
  reply[#reply + 1] = verdict
  markText = position
end

local function finish()
  if tonumber(ARGV[5]) > tonumber(markText) then
    begin()
    redis.call('HSET', LOG, 'mark', ARGV[5])
  end
  if writing then
    redis.call('DEL', KEYS[2])
  end
  return reply
end

local function stop(word, detail)
  if writing then
    redis.call('DEL', KEYS[2])
  end
  return {word, detail}
end
