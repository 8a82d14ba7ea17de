create table trial.haste as select current_setting('lock_timeout') as waits;
