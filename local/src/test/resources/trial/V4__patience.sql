-- Has the word "concurrently" in it, as an index that is built beside writes.
create table trial.patience as select current_setting('lock_timeout') as waits;
