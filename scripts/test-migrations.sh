#!/usr/bin/env bash
# Migrates up, down to nothing and up again: nothing may stay behind, and the schema must come back as it was.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

out=build/migrations

list_objects() {
    sql -o "$out/$1" -f scripts/list-objects.sql
}

# Writes the schema as SQL, without the random key that newer pg_dumps put around it.
dump_schema() {
    pg_dump --schema-only | sed -E '/^\\(un)?restrict /d' >"$out/$1"
}

migrate() {
    sql -o /dev/null -c "SELECT laurel.migrate($1)"
}

same() {
    diff "$out/$1" "$out/$2"
}

find_server
rm -rf "$out"
mkdir -p "$out"
scripts/cluster.sh createdb --unmigrated laurel_migrations >/dev/null
use_database laurel_migrations

list_objects before
check "migrating up succeeds" migrate ""
dump_schema fresh
list_objects up
check "migrating up makes something" grep -q '^table laurel\.' "$out/up"
check "migrating up again succeeds" migrate ""
dump_schema repeated
check "migrating up again changes nothing" same fresh repeated
check "migrating down to nothing succeeds" migrate "'0'"
list_objects down
check "migrating down leaves nothing behind" same before down
check "migrating up after down succeeds" migrate ""
dump_schema again
check "the schema after down and up is the fresh one" same fresh again

# A server that has Supabase's schema keeps it as it is.
scripts/cluster.sh createdb --empty laurel_supabase >/dev/null
use_database laurel_supabase
check "the extension installs beside a schema auth" sql -c 'CREATE SCHEMA auth' \
    -c "CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'" -c 'CREATE EXTENSION laurel CASCADE'
check "which keeps what it has and gets nothing more" test "$(sql -c "SELECT string_agg(proname || ' ' || prosrc, ',')
    FROM pg_proc WHERE pronamespace = 'auth'::regnamespace")" = 'uid SELECT NULL::uuid'
check "and migrates there" migrate ""
tally "$passed" "$failed"
