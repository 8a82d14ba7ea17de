-- Deposits and withdrawals, and what an operator decides about withdrawals and accounts; each on its own.
--
-- Keys       4 supply: a hash, asset -> all deposits less all withdrawals   5 holds of the partition (see hold.lua), here:
--            withdrawal -> amount held, withdrawal:l -> the same   6 frozen accounts (see hold.lua)   7... accounts
-- Arguments  of a record: position, key of the account, what, asset, amount, transfer. What is
--            D deposit   W withdrawal at once   H withdrawal that is held first   C confirms it   R returns it
--            F freezes the account, U unfreezes it (these have no asset, amount or transfer)
-- Verdicts   T done   I the available balance does not cover it   L the supply would exceed 2^62   F the account is frozen
--            N what is held for the withdrawal is nothing or not that amount   (I, L, F and N change nothing)
--
-- Invariant: supply = available + held + fees, per asset, and never above 2^62: so no other number can overflow. That is why a
-- deposit asks the supply first. A withdrawal that is held counts in the supply until it is confirmed, and its hold is one of
-- those that an account's held balance is the sum of.

local SUPPLY, HOLDS, FROZEN = KEYS[4], KEYS[5], KEYS[6]
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

local function isFrozen(account)
  return redis.call('HEXISTS', FROZEN, account) == 1
end

local function deposit(account, asset, amount)
  if not grows(asset, amount) then
    return 'L'
  end
  redis.call('HINCRBY', account, asset .. ':a', amount)
  return 'T'
end

local function withdraw(account, asset, amount)
  if isFrozen(account) then
    return 'F'
  end
  if not take(account, asset, amount) then
    return 'I'
  end
  redis.call('HINCRBY', SUPPLY, asset, '-' .. amount)
  return 'T'
end

local function hold(account, asset, amount, transfer)
  if isFrozen(account) then
    return 'F'
  end
  if not take(account, asset, amount) then
    return 'I'
  end
  redis.call('HINCRBY', account, asset .. ':h', amount)
  redis.call('HSET', HOLDS, transfer, amount, transfer .. ':l', amount)
  return 'T'
end

-- Ends a hold and puts what it held into a field.
local function finishHold(account, asset, amount, transfer, key, field, sign)
  if redis.call('HGET', HOLDS, transfer) ~= amount or less(redis.call('HGET', account, asset .. ':h') or '0', amount) then
    return 'N'
  end
  redis.call('HINCRBY', account, asset .. ':h', '-' .. amount)
  redis.call('HDEL', HOLDS, transfer, transfer .. ':l')
  redis.call('HINCRBY', key, field, sign .. amount)
  return 'T'
end

local function decide(at)
  local account, what = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2]
  local asset, amount, transfer = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  if what == 'D' then
    return deposit(account, asset, amount)
  elseif what == 'W' then
    return withdraw(account, asset, amount)
  elseif what == 'H' then
    return hold(account, asset, amount, transfer)
  elseif what == 'C' then
    return finishHold(account, asset, amount, transfer, SUPPLY, asset, '-')
  elseif what == 'R' then
    return finishHold(account, asset, amount, transfer, account, asset .. ':a', '')
  elseif what == 'F' then
    redis.call('HSET', FROZEN, account, '1')
    return 'T'
  elseif what == 'U' then
    redis.call('HDEL', FROZEN, account)
    return 'T'
  end
  error('No transfer is ' .. what)
end

return run(function() return 6 end, decide)
