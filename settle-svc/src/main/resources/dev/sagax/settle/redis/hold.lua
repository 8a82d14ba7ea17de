-- Places holds: available -> held, each order on its own.
--
-- Keys       4 holds of the partition: a hash, order -> amount held, order:l -> left to be filled   5 frozen accounts: a hash,
--            key of an account -> 1   6... accounts
-- Arguments  of a record: position, key of the account, order, asset, amount, left, 1 if it is declined
-- Verdicts   H held   D declined   F the account is frozen   I the available balance does not cover it   (D, F and I change nothing)
-- Replies    also {"DUPLICATE", order}: the order has an open hold from another position; the records before it stand
--
-- Invariant: an account's available balance is never below zero, and its held balance is the sum of its open holds.

local HOLDS, FROZEN = KEYS[4], KEYS[5]
local someAreFrozen = redis.call('EXISTS', FROZEN) == 1

local function decide(at)
  local account, order, asset, amount = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  if ARGV[at + 6] == '1' then
    return 'D'
  end
  if redis.call('HEXISTS', HOLDS, order) == 1 then
    return nil, {'DUPLICATE', order}
  end
  if someAreFrozen and redis.call('HEXISTS', FROZEN, account) == 1 then
    return 'F'
  end
  if not take(account, asset, amount) then
    return 'I'
  end
  redis.call('HINCRBY', account, asset .. ':h', amount)
  redis.call('HSET', HOLDS, order, amount, order .. ':l', ARGV[at + 5])
  return 'H'
end

return run(function() return 7 end, decide)
