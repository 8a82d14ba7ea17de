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

for i = 0, tonumber(ARGV[6]) - 1 do
  local at = 8 + i * 5
  local position = ARGV[at]
  local verdict = applied(position)
  if verdict == false then
    return stop('LOST', position)
  elseif verdict then
    reply[#reply + 1] = verdict
  else
    local account, asset, amount = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 3], ARGV[at + 4]
    if ARGV[at + 2] == 'D' then
      begin()
      if grows(asset, amount) then
        redis.call('HINCRBY', account, asset .. ':a', amount)
        decided(position, 'T')
      else
        decided(position, 'L')
      end
    else
      local available = redis.call('HGET', account, asset .. ':a') or '0'
      begin()
      if less(available, amount) then
        decided(position, 'I')
      else
        redis.call('HINCRBY', account, asset .. ':a', '-' .. amount)
        redis.call('HINCRBY', SUPPLY, asset, '-' .. amount)
        decided(position, 'T')
      end
    end
  end
end
return finish()
