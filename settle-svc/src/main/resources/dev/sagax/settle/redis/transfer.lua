-- Deposits and withdrawals, each on its own.
--
-- Keys       4 supply: a hash, asset -> all deposits less all withdrawals   5... accounts
-- Arguments  of a record: position, key of the account, D (deposit) or W (withdrawal), asset, amount
-- Verdicts   T transferred   I the available balance does not cover it   L the supply would exceed 2^62
--            (I and L change nothing)
--
-- Invariant: supply = available + held + fees, per asset, and never above 2^62: so no other number can overflow. That is why a
-- deposit asks the supply first.

local SUPPLY = KEYS[4]
local LIMIT = '4611686018427387904' -- 2^62

-- Adds to the supply, or leaves it as it was.
local function grows(asset, amount)
  local sum = redis.pcall('HINCRBY', SUPPLY, asset, amount)
  if type(sum) == 'table' and sum.err then
    if string.find(sum.err, 'overflow', 1, true) then
      return false
    end
    error(sum.err)
  end
  if less(LIMIT, redis.call('HGET', SUPPLY, asset)) then
    redis.call('HINCRBY', SUPPLY, asset, '-' .. amount)
    return false
  end
  return true
end

local function decide(at)
  local account, asset, amount = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 3], ARGV[at + 4]
  if ARGV[at + 2] == 'D' then
    if not grows(asset, amount) then
      return 'L'
    end
    redis.call('HINCRBY', account, asset .. ':a', amount)
  else
    if not take(account, asset, amount) then
      return 'I'
    end
    redis.call('HINCRBY', SUPPLY, asset, '-' .. amount)
  end
  return 'T'
end

return run(function() return 5 end, decide)
