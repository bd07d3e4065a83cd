#!/usr/bin/env bash
# A worker's connection must not grow: one session claims and completes, claims what cannot be sent, and hands in results that
# are none; its own memory (RssAnon) is read before and after. A fifth more rounds come first, to settle.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

allowed=2048 # kilobytes; up to 1,300 come once, however many rounds follow
worker=f0000000-0000-0000-0000-000000000001
out=$root/build/memory

# Runs a statement so many times in one session, a fifth of that to settle first, and says by how much the session grew.
grown() {
    local count=$1 statement=$2
    {
        echo "\\o /dev/null"
        yes "$statement" | head -n $((count / 5))
        echo "\\o"
        echo "SELECT resident();"
        echo "\\o /dev/null"
        yes "$statement" | head -n "$count"
        echo "\\o"
        echo "SELECT resident();"
    } | PGOPTIONS='-c synchronous_commit=off -c client_min_messages=error -c max_stack_depth=150kB' psql -X -q -A -t 2>/dev/null |
        awk 'NR == 1 { before = $1 } NR == 2 { print $1 - before }'
}

# The queue is empty when a case begins, and every round has ended what it was given:
# stays_small ROUNDS STATEMENT NAME COLUMN [A_ROUND]
stays_small() {
    local growth
    sql -c 'TRUNCATE laurel.notification_deliveries, laurel.delivery_leases, laurel.delivery_attempts, laurel.delivery_batches'
    growth=$(grown "$1" "$2")
    if ! [ "$growth" -le "$allowed" ]; then
        echo "grew by ${growth:-?} kB in $1 rounds"
        return 1
    fi
    echo "$3: $growth kB in $1 rounds" >>"$out/outbox"
    [ "$(sql -c "SELECT sum($4) FROM laurel.delivery_batches")" = $(($1 * 6 / 5 * ${5:-1})) ]
}

prepare() {
    mkdir -p "$out"
    rm -f "$out/outbox"
    scripts/cluster.sh createdb laurel_memory_outbox >/dev/null
    use_database laurel_memory_outbox
    sql -o /dev/null <<SQL
CREATE FUNCTION resident() RETURNS integer LANGUAGE sql AS
\$\$ SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+) kB')::integer \$\$;
INSERT INTO laurel.users (id, email) VALUES ('b0000000-0000-0000-0000-000000000001', 'ada@memory.test');
SELECT laurel_internal.register_worker('$worker', 'here', 1, '1');
ALTER TABLE laurel.notifications DROP CONSTRAINT notifications_data_check;
INSERT INTO laurel.notifications (id, user_id, type, title, channels) VALUES
    ('c0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', 'plain', 'Plain', '{}');
INSERT INTO laurel.notifications (id, user_id, type, title, channels, data) VALUES ('c0000000-0000-0000-0000-000000000002',
    'b0000000-0000-0000-0000-000000000001', 'deep', 'Deep', '{}', ('{"a":' || repeat('[', 6000) || repeat(']', 6000) || '}')::jsonb);
SQL
}

# Queues a notification on a channel, once or as often as said: queue NOTIFICATION CHANNEL [TIMES]
queue() {
    echo "INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, due_at) SELECT organization_id, id, user_id, '$2', now()" \
        "FROM laurel.notifications, generate_series(1, ${3:-1}) WHERE id = 'c0000000-0000-0000-0000-00000000000$1';"
}

# Claims and completes it with this verdict and what else is said.
round() {
    echo "SELECT laurel_internal.complete_deliveries(lease_token, jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome', '$1', 'error', 'to <ada@memory.test> no')) $2)" \
        "FROM laurel_internal.claim_deliveries('$worker', 20) GROUP BY lease_token;"
}

find_server
prepare
check "100,000 claims and completions" stays_small 5000 "$(queue 1 email 20) $(round delivered '')" deliveries delivered 20
check "3,000 failures beside results that are none" stays_small 3000 "$(queue 1 push) $(round dead "|| '[1, {\"ids\": [\"x\"]}]'")" failures dead
check "3,000 claims of what cannot be sent" stays_small 3000 "$(queue 2 push) $(round delivered '')" poison dead
cat "$out/outbox"
tally "$passed" "$failed"
