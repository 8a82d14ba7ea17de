-- Each partition's switches that are due are read in pages of its own.
create index if not exists cancel_after_by_partition on orders.cancel_after(partition, deadline_micros, account, market);
drop index if exists orders.cancel_after_by_deadline;
