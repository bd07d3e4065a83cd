#!/usr/bin/env bash
# Logical replication of all tables into a second database, as docs/clients/operations.md sets it up: what is there at the start and
# what comes later arrives, once, and the ledger is sound.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

# The page's blocks of SQL that begin with a line.
step() {
    blocks docs/clients/operations.md sql | awk -v first="-- $1" '/^-- (publisher|subscriber)/ { mine = $0 == first } mine' |
        sed "s|host=/var/run/postgresql |host=$server port=$PGPORT user=postgres |"
}

copy_tables() {
    blocks docs/clients/operations.md sh | grep '^pg_dump' >"$out/copy.sh" && bash -eu -o pipefail "$out/copy.sh"
}

# Every table of Laurel's: how many rows, and a hash of all of them.
contents() {
    sql -d "$1" -f - <<'SQL'
SET TIME ZONE 'UTC';
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C")) FROM %s t', c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SQL
}

# Initial copies are done, and what was written since has arrived.
arrived() {
    local end=$((SECONDS + 30)) written
    written=$(sql -d publisher -c 'SELECT pg_current_wal_lsn()')
    until [ "$(sql -d subscriber -c "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel")" = t ] &&
        [ "$(sql -d publisher -c "SELECT confirmed_flush_lsn >= '$written' FROM pg_replication_slots WHERE slot_name = 'laurel'")" = t ]; do
        [ "$SECONDS" -lt "$end" ] || {
            tail -n 5 "$server/log"
            return 1
        }
        sleep 0.1
    done
}

same() {
    arrived && diff <(contents publisher) <(contents subscriber)
}

differ() {
    ! diff <(contents publisher) <(contents subscriber) >/dev/null
}

many() {
    contents publisher | awk -F '|' '$2 > 0 { filled++ } END { print filled " of " NR; exit filled < 45 }'
}

sound() {
    is "$(sql -d subscriber -f <(step 'subscriber: no row, the ledger is sound'))$(sql -d subscriber -c 'SELECT * FROM laurel.check()')" ''
}

live_on() {
    sql -d publisher -o /dev/null -f test/crash/dump_after.sql -c 'SELECT laurel.seal_ledger()' -c "SELECT laurel.maintain_partitions()" \
        -c "UPDATE laurel.legal_holds SET released_at = now()" -c "UPDATE laurel.users SET manager_id = NULL" -c "DELETE FROM laurel.users WHERE email = 'u12@a.test'" \
        -c "DELETE FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000001' AND organization_id = 'b0000000-0000-0000-0000-000000000000'" \
        -c "DELETE FROM laurel.notifications WHERE user_id = 'a0000000-0000-0000-0000-000000000003'"
}

find_server
clients_server replication 'wal_level = logical' 'max_logical_replication_workers = 8' 'max_sync_workers_per_subscription = 4'
sql -d postgres -c 'CREATE DATABASE publisher TEMPLATE template0' -c 'CREATE DATABASE subscriber TEMPLATE template0'
sql -d publisher -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' -f test/crash/dump_fixture.sql -o /dev/null
check 'there is something in most tables' many
check 'the publisher publishes' sql -d publisher -o /dev/null -f <(step publisher)
check 'the subscriber has its tables' copy_tables
check 'and subscribes' sql -d subscriber -o /dev/null -f <(step subscriber)
check 'every table is the same' same
check 'and the ledger is sound, as is every counter' sound
check 'a session there hears of a role that ends here' "$python" test/clients/subscriber.py
check 'life goes on' live_on
check 'and every table is the same, nothing doubled' same
check 'the ledger still sound' sound
sql -d subscriber -c 'SET session_replication_role = replica' -c "UPDATE laurel.courses SET name = 'Another' WHERE name = 'SQL'"
check 'a row that is not the same is seen' differ
tally "$passed" "$failed"
