# shellcheck shell=bash
# Sourced by run.sh: personal values, encrypted as they are written and opened as they are read.

personal_database=laurel_bench_personal
personal_rows=$(scaled 20000 1000)
personal_written="write $(grouped "$personal_rows") rows of two encrypted values"
personal_read="read $(grouped "$personal_rows") rows of two encrypted values"

# Prints the milliseconds of the processor that a statement of the back end takes: personal_clock STATEMENT
personal_clock() {
    printf '%s\n' "SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1) AS began \\gset" 'SET ROLE service_role;' "$1 \\g /dev/null" 'RESET ROLE;' \
        "SELECT round((split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric - :began) / 1000000, 3);" | sql -d "$personal_database"
}

measure_personal() {
    local contender
    wanted "$personal_written" "$personal_read" || return 0
    make_database "$personal_database" 10
    sql -d "$personal_database" -f "$bench/sql/personal.sql" >/dev/null
    for _ in $(rounds 3); do
        for contender in laurel written bare; do
            sql -d "$personal_database" -c "TRUNCATE sealing.$contender"
            keep "$personal_written" "$contender" "$(personal_clock "INSERT INTO sealing.$contender (id, organization_id, user_id, phone, address)
                SELECT bench.member(n), '$organization', bench.member(1), '+41 44 ' || n, 'Sonnweg ' || n FROM generate_series(1, $personal_rows) n")"
            keep "$personal_read" "$contender" "$(personal_clock "SELECT count(phone), count(address) FROM sealing.${contender}_shown")"
        done
    done
    report "$personal_written" ms faster 0.6 laurel "$(least "$personal_written" laurel)" "PL/pgSQL and pgcrypto" "$(least "$personal_written" written)"
    report "$personal_written" ms time - laurel "$(least "$personal_written" laurel)" "not encrypted" "$(least "$personal_written" bare)"
    report "$personal_read" ms faster 0.4 laurel "$(least "$personal_read" laurel)" pgcrypto "$(least "$personal_read" written)"
    report "$personal_read" ms time - laurel "$(least "$personal_read" laurel)" "not encrypted" "$(least "$personal_read" bare)"
}
