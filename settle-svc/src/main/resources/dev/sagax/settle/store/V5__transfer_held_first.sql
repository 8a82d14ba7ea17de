-- Withdrawals that are held until a person decides: those that wait still are looked for among them, not among all transfers.
-- Not concurrently: that would wait for replicas that start as well and wait, in a statement, for this migration to end. So
-- transfers wait while the index is built.
create index if not exists transfer_held_first on ledger.transfer(partition, position) where direction = 3 and verdict = 1;
