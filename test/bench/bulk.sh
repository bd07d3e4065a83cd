# shellcheck shell=bash
# Sourced by run.sh: many entries in one statement.

bulk_database=laurel_bench_round
members=$(scaled 100000 1000)
entries=$(scaled 1000000 10000)
wide_row="bulk $entries over $members accounts"
narrow_row="bulk $entries over $(scaled 1000 100) accounts"
copy_row="COPY $entries over $members accounts"
rowwise_entries=$(scaled 200000 2000)
[ "${BENCH_FULL:-0}" != 1 ] || rowwise_entries=$entries
rowwise_row="bulk $rowwise_entries over $(scaled 1000 100) accounts"
ledger_prepared=no

# Makes the database that the ledger's rows are measured in, once.
prepare_ledger() {
    [ "$ledger_prepared" = no ] || return 0
    make_database "$awards_database" "$members"
    sql -f "$bench/sql/peers.sql"
    ledger_prepared=yes
}

stage() {
    sql -v staging="$1" -v entries="$entries" -v accounts="$2" -f "$bench/sql/staging.sql"
}

# Prints the statement by which a contender takes so many staged entries: bulk_statement CONTENDER STAGING COUNT
bulk_statement() {
    local source="bench.$2"
    [ "$3" = "$entries" ] || source="(SELECT * FROM bench.$2 LIMIT $3) staged"
    if [ "$1" = bare ]; then
        echo "INSERT INTO bare.points_ledger (organization_id, user_id, entry_no, amount, balance_after, occurred_at," \
            "created_at, transaction_type, entry_hash, reason)" \
            "SELECT '$organization', user_id, entry_no, amount, balance_after, at, at, 'module_completed'," \
            "'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'finished a module'" \
            "FROM (SELECT *, clock_timestamp() AS at FROM $source) given"
    else
        echo "INSERT INTO $1.points_ledger (organization_id, user_id, amount, transaction_type, reason)" \
            "SELECT '$organization', user_id, amount, 'module_completed', 'finished a module' FROM $source"
    fi
}

# Gives the next contender a database in which nothing has happened yet.
fresh_round() {
    sql -d postgres -c "DROP DATABASE IF EXISTS $bulk_database WITH (FORCE)" \
        -c "CREATE DATABASE $bulk_database TEMPLATE $awards_database" -c CHECKPOINT
}

# Measures one contender: bulk_round ROW CONTENDER STAGING COUNT
bulk_round() {
    fresh_round
    keep "$1" "$2" "$(PGOPTIONS='-c role=service_role' clock "$bulk_database" "$(bulk_statement "$2" "$3" "$4")")"
}

# Prints what a contender's accounts add up to.
accounts_say() {
    sql -d "$bulk_database" -c "SELECT count(*), sum(total_points), sum(lifetime_points), sum(points_this_week),
        sum(points_this_month), sum(last_entry_no), sum(current_level), md5(string_agg(tier, '' ORDER BY user_id))
        FROM $1.user_points WHERE last_entry_no > 0"
}

measure_wide() {
    local round contender
    for round in $(rounds 3); do
        for contender in laurel bare; do
            bulk_round "$wide_row" "$contender" wide "$entries"
        done
    done
    bulk_round "$wide_row" rowwise wide "$entries"
    report "$wide_row" ms time 1.45 laurel "$(median "$wide_row" laurel)" "bare table" "$(median "$wide_row" bare)"
    report "$wide_row" ms faster - laurel "$(median "$wide_row" laurel)" "PL/pgSQL trigger" "$(median "$wide_row" rowwise)"
}

measure_narrow() {
    local round contender
    for round in $(rounds 3); do
        for contender in laurel bare; do
            bulk_round "$narrow_row" "$contender" narrow "$entries"
        done
    done
    report "$narrow_row" ms time 1.3 laurel "$(median "$narrow_row" laurel)" "bare table" "$(median "$narrow_row" bare)"
}

# The row trigger leaves a dead account version an entry, and each entry wades through those of its account: its time
# grows with the square, so it gets fewer entries, and Laurel the same ones.
measure_rowwise() {
    local laurel
    bulk_round "$rowwise_row" laurel narrow "$rowwise_entries"
    laurel=$(accounts_say laurel)
    bulk_round "$rowwise_row" rowwise narrow "$rowwise_entries"
    [ "$(accounts_say rowwise)" = "$laurel" ] || fail "$rowwise_row: the accounts differ: $laurel and $(accounts_say rowwise)"
    bulk_round "$rowwise_row" laurel narrow "$rowwise_entries"
    report "$rowwise_row" ms faster 10 laurel "$(median "$rowwise_row" laurel)" "PL/pgSQL trigger" "$(median "$rowwise_row" rowwise)"
}

# Measures COPY from a file of the columns that the contender's INSERT names: copy_round CONTENDER
copy_round() {
    local file=$out/$1.copy statement columns
    statement=$(bulk_statement "$1" wide "$entries")
    columns=$(sed -E 's/^[^(]*(\([^)]*\)).*/\1/' <<<"$statement")
    fresh_round
    [ -s "$file" ] || sql -d "$bulk_database" -c "COPY (${statement#*) }) TO STDOUT" >"$file"
    keep "$copy_row" "$1" "$(PGOPTIONS='-c role=service_role' clock "$bulk_database" "COPY $1.points_ledger $columns FROM STDIN" <"$file")"
}

measure_copy() {
    local contender
    for contender in laurel bare; do
        copy_round "$contender"
    done
    report "$copy_row" ms time - laurel "$(median "$copy_row" laurel)" "bare table" "$(median "$copy_row" bare)"
}

# Comes before the awards: it copies their database while nothing has happened in it.
measure_bulk() {
    wanted "$wide_row" "$narrow_row" "$rowwise_row" "$copy_row" || return 0
    prepare_ledger
    stage wide "$members"
    stage narrow "$(scaled 1000 100)"
    ! wanted "$wide_row" || measure_wide
    ! wanted "$narrow_row" || measure_narrow
    ! wanted "$rowwise_row" || measure_rowwise
    ! wanted "$copy_row" || measure_copy
    sql -d postgres -c "DROP DATABASE $bulk_database WITH (FORCE)"
}
