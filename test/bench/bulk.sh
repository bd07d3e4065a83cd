# shellcheck shell=bash
# Sourced by run.sh: many entries in one statement.

bulk_database=laurel_bench_round
entries=$(scaled 1000000 10000)
few=$(scaled 1000 100)
rowwise_entries=$(scaled 200000 2000)
[ "${BENCH_FULL:-0}" != 1 ] || rowwise_entries=$entries
wide_row="bulk $(grouped "$entries") over $(grouped "$members") accounts"
narrow_row="bulk $(grouped "$entries") over $(grouped "$few") accounts"
copy_row="COPY $(grouped "$entries") over $(grouped "$members") accounts"
rowwise_wide_row="row by row $(grouped "$rowwise_entries") over $(grouped "$members") accounts"
rowwise_narrow_row="row by row $(grouped "$rowwise_entries") over $(grouped "$few") accounts"

stage() {
    sql -d "$untouched_database" -v staging="$1" -v entries="$entries" -v accounts="$2" -f "$bench/sql/staging.sql"
}

# Prints the statement by which a contender takes so many staged entries: bulk_statement CONTENDER STAGING COUNT
bulk_statement() {
    local source="bench.$2"
    [ "$3" = "$entries" ] || source="(SELECT * FROM bench.$2 LIMIT $3) staged"
    if [ "$1" = bare ]; then
        printf '%s ' "INSERT INTO bare.points_ledger (organization_id, user_id, entry_no, amount, balance_after, occurred_at," \
            "created_at, transaction_type, entry_hash, reason)" \
            "SELECT '$organization', user_id, entry_no, amount, balance_after, at, at, 'module_completed'," \
            "'\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'finished a module'" \
            "FROM (SELECT *, clock_timestamp() AS at FROM $source) given"
    else
        printf '%s ' "INSERT INTO $1.points_ledger (organization_id, user_id, amount, transaction_type, reason)" \
            "SELECT '$organization', user_id, amount, 'module_completed', 'finished a module' FROM $source"
    fi
}

# Measures one contender: bulk_round ROW CONTENDER STAGING COUNT
bulk_round() {
    copy_untouched "$bulk_database"
    keep "$1" "$2" "$(PGOPTIONS="$as_service" clock "$bulk_database" "$(bulk_statement "$2" "$3" "$4")")"
}

# Prints what a contender's accounts add up to.
accounts_say() {
    sql -d "$bulk_database" -c "SELECT count(*), sum(total_points), sum(lifetime_points), sum(points_this_week),
        sum(points_this_month), sum(last_entry_no), sum(current_level), md5(string_agg(tier, '' ORDER BY user_id))
        FROM $1.user_points WHERE last_entry_no > 0"
}

# Laurel against a table without any rule: measure_bare ROW STAGING TARGET
measure_bare() {
    local contender
    for _ in $(rounds 3); do
        for contender in laurel bare; do
            bulk_round "$1" "$contender" "$2" "$entries"
        done
    done
    report "$1" ms time "$3" laurel "$(least "$1" laurel)" "bare table" "$(least "$1" bare)"
}

# Laurel against row triggers, on fewer entries: those leave a dead account version for each entry, through which the
# next entry of the account wades, so that their time grows with the square. measure_rowwise ROW STAGING TARGET
measure_rowwise() {
    local expected
    bulk_round "$1" laurel "$2" "$rowwise_entries"
    expected=$(accounts_say laurel)
    bulk_round "$1" rowwise "$2" "$rowwise_entries"
    [ "$(accounts_say rowwise)" = "$expected" ] || fail "$1: the accounts differ: $expected and $(accounts_say rowwise)"
    bulk_round "$1" laurel "$2" "$rowwise_entries"
    report "$1" ms faster "$3" laurel "$(least "$1" laurel)" "PL/pgSQL trigger" "$(least "$1" rowwise)"
}

# Measures COPY from a file of the columns that the contender's INSERT names: copy_round CONTENDER
copy_round() {
    local file=$out/$1.copy statement columns
    statement=$(bulk_statement "$1" wide "$entries")
    columns=$(sed -E 's/^[^(]*(\([^)]*\)).*/\1/' <<<"$statement")
    copy_untouched "$bulk_database"
    [ -s "$file" ] || sql -d "$bulk_database" -c "COPY (${statement#*) }) TO STDOUT" >"$file"
    keep "$copy_row" "$1" "$(PGOPTIONS="$as_service" clock "$bulk_database" "COPY $1.points_ledger $columns FROM STDIN" <"$file")"
}

measure_copy() {
    local contender
    for contender in laurel bare; do
        copy_round "$contender"
    done
    report "$copy_row" ms time - laurel "$(least "$copy_row" laurel)" "bare table" "$(least "$copy_row" bare)"
}

measure_bulk() {
    wanted "$wide_row" "$narrow_row" "$rowwise_wide_row" "$rowwise_narrow_row" "$copy_row" || return 0
    prepare_untouched
    stage wide "$members"
    stage narrow "$few"
    ! wanted "$wide_row" || measure_bare "$wide_row" wide 1.45
    ! wanted "$narrow_row" || measure_bare "$narrow_row" narrow 1.3
    ! wanted "$rowwise_wide_row" || measure_rowwise "$rowwise_wide_row" wide -
    ! wanted "$rowwise_narrow_row" || measure_rowwise "$rowwise_narrow_row" narrow 10
    ! wanted "$copy_row" || measure_copy
    sql -d postgres -c "DROP DATABASE $bulk_database WITH (FORCE)"
}
