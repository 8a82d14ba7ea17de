-- The tables that every service's step needs, in the service's own schema. As they were when versions began, so every statement
-- may meet tables that are there.

-- The outbox is in the fence's row: at most one batch of a partition is committed and not wholly acknowledged. Every batch leaves
-- a dead version of it, which is vacuumed by number: the table is too small for a share of it to mean anything.
create table if not exists ${flyway:defaultSchema}.step(
  service text not null, partition int not null, version bigint not null,
  outbox bytea storage external,
  primary key (service, partition))
  with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000);
create table if not exists ${flyway:defaultSchema}.step_input(
  service text not null, partition int not null, topic text not null,
  position bigint not null, next_offset bigint not null,
  primary key (service, partition, topic));
create table if not exists ${flyway:defaultSchema}.step_output(
  service text not null, partition int not null, topic text not null, last_seq bigint not null,
  primary key (service, partition, topic));

-- A step writes a row in the transaction that numbers the dead letter; after that only the state and the decision change.
create table if not exists ${flyway:defaultSchema}.dead_letter(
  topic text not null, partition int not null, seq bigint not null,
  source_topic text not null, source_offset bigint not null, source_millis bigint not null,
  subject text not null, error text not null, attempts int not null, service text not null,
  key bytea, value bytea, headers bytea not null,
  state text not null check (state in ('OPEN', 'REPLAYING', 'REPLAYED', 'DISCARDED')),
  decided_by text, decided_micros bigint, reason text, replay_offset bigint,
  primary key (topic, partition, seq),
  check ((state = 'OPEN') = (decided_by is null)),
  check ((state = 'REPLAYED') = (replay_offset is not null)));

-- What the data relies on in the configuration.
create table if not exists ${flyway:defaultSchema}.never_changes(name text primary key, value text not null);
create table if not exists ${flyway:defaultSchema}.never_shrinks(name text primary key, value bigint not null);
