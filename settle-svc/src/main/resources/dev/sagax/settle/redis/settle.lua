-- Settles outcomes, each wholly or not at all: what a leg pays leaves its hold, what it receives becomes available, fees go
-- to the exchange; a hold with nothing left to fill ends and its remainder becomes available again. An outcome in which
-- nobody pays only releases, and cannot be refused: it releases what there is.
--
-- Keys       4 holds of the partition (see hold.lua)   5 fees: a hash, asset -> units   6... accounts
-- Arguments  of a record: position, number of legs, number of fees, then
--            a leg: order, key of the account, asset paid, units paid, asset received, net units received,
--                   units taken off what is left (settled and released)
--            a fee: asset, units
-- Verdicts   S,<per leg>            settled; per leg the remainder released if its hold ended, else (also: there was none) nothing
--            R,<order>:<fault>,...  refused, nothing changed; fault m: there is no hold, p: less is held than is to be paid,
--                                   l: less is left than is to be taken off
--
-- Invariant: held = sum of open holds, per account; what legs pay = what legs receive + fees (the caller's arithmetic). A
-- held balance that falls below zero breaks the script off, which leaves the dirty mark: the ledger stands still.

local HOLDS, FEES = KEYS[4], KEYS[5]
local LEG, FEE = 7, 2

local function faultsOf(legs, first, held)
  local faults = ''
  for n = 0, legs - 1 do
    local at = first + n * LEG
    local amount, left = held[2 * n + 1], held[2 * n + 2]
    if not (amount and left) then
      faults = faults .. ',' .. ARGV[at] .. ':m'
    elseif less(amount, ARGV[at + 3]) then
      faults = faults .. ',' .. ARGV[at] .. ':p'
    elseif less(left, ARGV[at + 6]) then
      faults = faults .. ',' .. ARGV[at] .. ':l'
    end
  end
  return faults
end

-- HINCRBY does not take "-0".
local function subtract(key, field, units)
  if units ~= '0' then
    redis.call('HINCRBY', key, field, '-' .. units)
  end
end

local function takeHeld(account, asset, units)
  if units ~= '0' and redis.call('HINCRBY', account, asset .. ':h', '-' .. units) < 0 then
    error('The held balance of ' .. account .. ' in ' .. asset .. ' fell below zero')
  end
end

-- Applies a leg; the remainder of its hold if the hold ended, else "".
local function apply(at, amount, left, takes)
  local order, account = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  local asset, pays = ARGV[at + 2], ARGV[at + 3]
  local remainder = ''
  if takes == left then
    remainder = '0'
    if pays ~= amount then
      subtract(HOLDS, order, pays)
      remainder = redis.call('HGET', HOLDS, order)
      redis.call('HINCRBY', account, asset .. ':a', remainder)
    end
    takeHeld(account, asset, amount)
    redis.call('HDEL', HOLDS, order, order .. ':l')
  else
    subtract(HOLDS, order, pays)
    subtract(HOLDS, order .. ':l', takes)
    takeHeld(account, asset, pays)
  end
  if ARGV[at + 5] ~= '0' then
    redis.call('HINCRBY', account, ARGV[at + 4] .. ':a', ARGV[at + 5])
  end
  return remainder
end

-- Applies a leg that pays nothing, as far as there is a hold to release; one below zero is broken and left for the audit.
local function release(at, amount, left)
  if not (amount and left) or less(amount, '0') then
    return ''
  end
  return apply(at, amount, left, less(left, ARGV[at + 6]) and left or ARGV[at + 6])
end

local function onlyReleases(legs, first)
  for n = 0, legs - 1 do
    if ARGV[first + n * LEG + 3] ~= '0' then
      return false
    end
  end
  return true
end

local function width(at)
  return 3 + tonumber(ARGV[at + 1]) * LEG + tonumber(ARGV[at + 2]) * FEE
end

local function heldFor(legs, first)
  local fields = {}
  for n = 0, legs - 1 do
    local order = ARGV[first + n * LEG]
    fields[2 * n + 1], fields[2 * n + 2] = order, order .. ':l'
  end
  return legs == 0 and fields or redis.call('HMGET', HOLDS, unpack(fields))
end

local function decide(at)
  local legs, fees, first = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), at + 3
  local held = heldFor(legs, first)
  local faults = faultsOf(legs, first, held)
  local broken = faults ~= ''
  if broken and not onlyReleases(legs, first) then
    return 'R' .. faults
  end
  local verdict = {'S'}
  for n = 0, legs - 1 do
    local leg, amount, left = first + n * LEG, held[2 * n + 1], held[2 * n + 2]
    verdict[n + 2] = broken and release(leg, amount, left) or apply(leg, amount, left, ARGV[leg + 6])
  end
  for fee = first + legs * LEG, first + legs * LEG + (fees - 1) * FEE, FEE do
    redis.call('HINCRBY', FEES, ARGV[fee], ARGV[fee + 1])
  end
  return table.concat(verdict, ',')
end

return run(width, decide)
