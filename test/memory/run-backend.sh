#!/usr/bin/env bash
# A pooled connection must not grow: one session serves requests of many callers, statements that are refused and awards,
# and its own memory (RssAnon) is read before and after.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/bench/requests.sh
. test/bench/requests.sh

allowed=1024 # kilobytes
callers=10000
trainers=80 # of whom each sees all callers, in 290 kB
out=$root/build/memory

# SQL of a statement's fixed part with the number of the round in place of each @.
rounds() {
    awk -v text="$2" -v count="$1" -v callers="$callers" 'BEGIN {
        for (i = 0; i < count; i++) { line = text; gsub(/@/, sprintf("%012d", i % callers), line); print line }
    }'
}

# Runs the statements in one session, a tenth of them to settle first, and says by how much it grew.
grown() {
    local count=$1 statement=$2
    {
        echo "\\o /dev/null"
        rounds $((count / 10)) "$statement"
        echo "\\o"
        echo "SELECT resident();"
        echo "\\o /dev/null"
        rounds "$count" "$statement"
        echo "\\o"
        echo "SELECT resident();"
    } | PGOPTIONS='-c synchronous_commit=off -c client_min_messages=error' psql -X -q -A -t 2>/dev/null |
        awk 'NR == 1 { before = $1 } NR == 2 { print $1 - before }'
}

stays_small() {
    local growth
    growth=$(grown "$1" "$2")
    echo "$3: $growth kB" >>"$out/growth"
    if ! [ "$growth" -le "$allowed" ]; then
        echo "grew by ${growth:-?} kB in $1 rounds"
        return 1
    fi
}

# As PostgREST does: one transaction, the settings first; claims of 600 and headers of 500 bytes.
request_line() {
    preamble laurel "'$(claims 00000000-0000-4000-8000-@)'" | tr '\n' ' ' | sed 's/; *$//; s/;/\\;/'
    printf '%s\n' '\; SELECT count(*) FROM laurel.user_points\; COMMIT;'
}

# Meets trainers one after the other, each with so many learners that all of them together are too much to remember, and
# says how many kilobytes are kept of callers.
kept_of_trainers() {
    local n
    {
        for n in $(seq "$trainers"); do
            printf -v n '%012d' "$n"
            request_line | sed "s/@/$n/g"
        done
        echo "SELECT 'kept', sum(total_bytes) / 1024 FROM pg_backend_memory_contexts WHERE name IN ('laurel callers', 'laurel caller');"
    } | psql -X -q -A -t | sed -n 's/^kept|\([0-9]*\).*/\1/p'
}

trainers_are_forgotten() {
    local kept
    sql <<SQL
INSERT INTO laurel.user_roles (organization_id, user_id, role)
SELECT organization_id, id, 'trainer' FROM laurel.users ORDER BY id LIMIT $((trainers + 1));
INSERT INTO laurel.courses (id, organization_id, name, trainer_id)
SELECT format('0190c000-0000-7000-8000-%s', lpad(n::text, 12, '0'))::uuid, u.organization_id, 'Course ' || n, u.id
FROM generate_series(1, $trainers) n JOIN laurel.users u ON u.id = format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid;
SET session_replication_role = replica;
INSERT INTO laurel.enrollments (organization_id, user_id, course_id) SELECT u.organization_id, u.id, c.id FROM laurel.users u, laurel.courses c;
SQL
    kept=$(kept_of_trainers)
    echo "callers kept: $kept kB" >>"$out/growth"
    [ "$kept" -ge 8192 ] && [ "$kept" -le 17408 ]
}

prepare() {
    mkdir -p "$out"
    rm -f "$out/growth"
    scripts/cluster.sh createdb laurel_memory >/dev/null
    use_database laurel_memory
    sql <<SQL
CREATE FUNCTION resident() RETURNS integer LANGUAGE sql AS
\$\$ SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+) kB')::integer \$\$;
INSERT INTO laurel.users (id, email) SELECT format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, n || '@memory.test'
FROM generate_series(0, $callers - 1) n;
SQL
}

find_server
prepare
check "200,000 requests of $callers callers" stays_small 200000 "$(request_line)" requests
check "100,000 refused entries" stays_small 100000 \
    "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('00000000-0000-4000-8000-@', -1, 'spent', 'r');" refusals
check "100,000 refused calls" stays_small 100000 \
    "SELECT laurel.award_badge_named('00000000-0000-4000-8000-@', 'no such badge');" "refused calls"
check "100,000 awards" stays_small 100000 \
    "INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('00000000-0000-4000-8000-@', 1, 'earned', 'r');" awards
check "$trainers trainers of $callers learners" trainers_are_forgotten
cat "$out/growth"
tally "$passed" "$failed"
