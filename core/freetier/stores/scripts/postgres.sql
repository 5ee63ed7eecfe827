-- The state of all windows, blocks, faults, leases and learned limits, one row each.
-- Rows are updated all the time and in place: no index but the key, room in each page.
create table if not exists freetier_rows (
    name text collate "C" primary key, -- sort and key
    state text not null default '', -- JSON; empty: only locked so far
    until bigint not null default 0, -- milliseconds since 1970 UTC; then it says nothing more
    seen bigint not null default 0 -- the instant it was last judged by
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

create table if not exists freetier_facts (
    name text primary key,
    value bigint not null
);

insert into freetier_facts values ('version', 2) on conflict do nothing;
