-- The state of all windows, blocks, faults, leases and learned limits, one row each.
create table freetier_rows (
    name text primary key, -- sort and key
    state text not null, -- JSON
    until integer not null -- milliseconds since 1970 UTC; afterwards it says nothing more
) without rowid;

-- `version` of this schema, and `seen`, the highest instant any process has judged by.
create table freetier_facts (
    name text primary key,
    value integer not null
) without rowid;

insert into freetier_facts values ('version', 2), ('seen', 0);
