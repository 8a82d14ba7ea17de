-- Places holds: available -> held, each order on its own.
--
-- Keys       4 holds of the partition: a hash, order -> amount held, order:l -> left to be filled   5... accounts
-- Arguments  of a record: position, key of the account, order, asset, amount, left
-- Verdicts   H held   I the available balance does not cover it (nothing changed)
-- Replies    also {"DUPLICATE", order}: the order has an open hold from another position; the records before it stand
--
-- Invariant: an account's available balance is never below zero, and its held balance is the sum of its open holds.

local HOLDS = KEYS[4]

for i = 0, tonumber(ARGV[6]) - 1 do
  local at = 8 + i * 6
  local position = ARGV[at]
  local verdict = applied(position)
  if verdict == false then
    return stop('LOST', position)
  elseif verdict then
    reply[#reply + 1] = verdict
  else
    local account, order, asset, amount = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
    if redis.call('HEXISTS', HOLDS, order) == 1 then
      return stop('DUPLICATE', order)
    end
    local available = redis.call('HGET', account, asset .. ':a') or '0'
    begin()
    if less(available, amount) then
      decided(position, 'I')
    else
      redis.call('HINCRBY', account, asset .. ':a', '-' .. amount)
      redis.call('HINCRBY', account, asset .. ':h', amount)
      redis.call('HSET', HOLDS, order, amount, order .. ':l', ARGV[at + 5])
      decided(position, 'H')
    end
  end
end
return finish()
