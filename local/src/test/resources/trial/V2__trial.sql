create table trial.note(id bigint primary key, what text not null);
