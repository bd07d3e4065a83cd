#!/usr/bin/env bash
# Dumps a database that holds data, restores it twice (as SQL, and in parallel from an archive), and compares: the same
# rows, the same rules, a sound ledger, and awarding goes on.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

out=build/dump
fixture=test/crash/dump_fixture.sql
after=test/crash/dump_after.sql

# Writes what a database holds, a line for each thing, its kind first.
describe() {
    sql -d "$1" -f scripts/describe-database.sql | LC_ALL=C sort >"$2"
}

restore_plain() {
    pg_dump -d laurel_dump_source -f "$out/plain.sql" &&
        sql -d laurel_dump_plain -o /dev/null -f "$out/plain.sql"
}

restore_archive() {
    pg_dump -d laurel_dump_source -Fc -f "$out/archive" &&
        pg_restore -j2 --exit-on-error -d laurel_dump_archive "$out/archive"
}

kinds() {
    cut -d '|' -f 1 "$out"/*.txt | LC_ALL=C sort -u
}

same_kind() {
    diff <(grep "^$1|" "$out/source.txt") <(grep "^$1|" "$2")
}

ledger_is_sound() {
    local flaws
    flaws=$(sql -d "$1" -c 'SELECT count(*) FROM laurel.verify_ledger()')
    [ "$flaws" = 0 ] || {
        echo "verify_ledger() finds $flaws flaws"
        sql -d "$1" -c 'SELECT * FROM laurel.verify_ledger() LIMIT 20'
        return 1
    }
}

compare() {
    local copy=$1 kind
    describe "laurel_dump_$copy" "$out/$copy.txt"
    for kind in $(kinds); do
        check "$copy: same $kind" same_kind "$kind" "$out/$copy.txt"
    done
    check "$copy: ledger is sound" ledger_is_sound "laurel_dump_$copy"
    [ ! -f "$after" ] || check "$copy: awarding goes on" sql -d "laurel_dump_$copy" -o /dev/null -f "$after"
}

find_server
rm -rf "$out"
mkdir -p "$out"
scripts/cluster.sh createdb laurel_dump_source >/dev/null
scripts/cluster.sh createdb --empty laurel_dump_plain >/dev/null
scripts/cluster.sh createdb --empty laurel_dump_archive >/dev/null
use_database laurel_dump_source

if [ -f "$fixture" ]; then
    sql -o /dev/null -f "$fixture" || fail "$fixture could not be loaded"
else
    say "$fixture is missing: the dump holds only what migrating put there"
fi
[ -f "$after" ] || say "$after is missing: awarding after a restore is not tried"

describe laurel_dump_source "$out/source.txt"
check "source: has tables" grep -q '^rows|laurel\.' "$out/source.txt"
check "source: ledger is sound" ledger_is_sound laurel_dump_source
check "plain: restores without an error" restore_plain
compare plain
check "archive: restores without an error" restore_archive
compare archive
tally "$passed" "$failed"
