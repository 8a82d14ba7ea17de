alter table trial.note add column half int;
alter table trial.note add column half int;
