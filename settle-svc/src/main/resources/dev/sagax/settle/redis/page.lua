-- Reads a part of the ledger at one moment, for the audit. Changes nothing.
--
-- Keys       1 epoch   2 dirty mark   3 supply   4 fees   5... logs of all flows and partitions, then the holds of each
--            partition, then accounts
-- Arguments  1 number of logs   2 number of partitions   3... of an order: the number of its partition's holds among them,
--            from 1; the order
-- Replies    {epoch, dirty mark, {mark of each log}, {number of fields of each partition's holds}, {supply}, {fees},
--             {{fields of an account} ...}, {amount held and units left of each order}}; what is not there is nil

local logs, partitions = tonumber(ARGV[1]), tonumber(ARGV[2])
local firstHolds = 5 + logs

local marks, lengths, accounts, holds = {}, {}, {}, {}
for n = 0, logs - 1 do
  marks[n + 1] = redis.call('HGET', KEYS[5 + n], 'mark')
end
for n = 0, partitions - 1 do
  lengths[n + 1] = redis.call('HLEN', KEYS[firstHolds + n])
end
for n = firstHolds + partitions, #KEYS do
  accounts[#accounts + 1] = redis.call('HGETALL', KEYS[n])
end
for at = 3, #ARGV, 2 do
  holds[#holds + 1] = redis.call('HMGET', KEYS[firstHolds + tonumber(ARGV[at]) - 1], ARGV[at + 1], ARGV[at + 1] .. ':l')
end

return {
  redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]), marks, lengths,
  redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4]), accounts, holds}
