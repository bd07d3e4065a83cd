# shellcheck shell=bash
# Sourced by run.sh: changes that leave a line in the audit log.

audit_database=laurel_bench_audit
audit_changes=$(scaled 100000 1000)
audit_row='audit a change, not waiting for the disk'
audit_cost="what auditing adds to a change"
audit_many="audit $(grouped "$audit_changes") new rows in one statement"
audit_scaling='audited changes, 8 clients beside 1'

# Changes a row by its number: clients of 8 meet now and then, as they do without auditing.
audit_script() {
    printf '%s\n' '\set no random(1, 1000)' "UPDATE auditing.$1 SET rank = rank + 1, status = CASE status WHEN 'open' THEN 'closed' ELSE 'open' END WHERE no = :no;" \
        >"$out/audit_$1.pgbench"
}

# Prints changes per second: audit_changes TABLE CLIENTS
audit_rate() {
    PGOPTIONS="$as_service -c synchronous_commit=off" throughput "$audit_database" "$(scaled 4)" "$2" -f "$out/audit_$1.pgbench"
}

measure_audited_changes() {
    local contender
    for _ in $(rounds 5); do
        for contender in audited written bare; do
            keep "$audit_row" "$contender" "$(audit_rate "$contender" 1)"
            keep "$audit_scaling" "$contender" "$(audit_rate "$contender" 8)"
        done
    done
}

# What the triggers alone take: the time of a change with one less that without.
report_audit_cost() {
    local mine theirs bare
    read -r mine theirs < <(middle "$audit_row" audited written)
    read -r _ bare < <(middle "$audit_row" audited bare)
    report "$audit_row" tx/s rate 2 laurel "$mine" "PL/pgSQL trigger" "$theirs"
    report "$audit_cost" ms faster 2 laurel "$(awk -v a="$mine" -v b="$bare" 'BEGIN { print 1000 / a - 1000 / b }')" \
        "PL/pgSQL trigger" "$(awk -v a="$theirs" -v b="$bare" 'BEGIN { print 1000 / a - 1000 / b }')"
}

report_audit_scaling() {
    local mine bare mine_of_8 bare_of_8
    read -r mine bare < <(middle "$audit_row" audited bare)
    read -r mine_of_8 bare_of_8 < <(middle "$audit_scaling" audited bare)
    report "$audit_scaling" x rate 0.85 audited "$(awk -v a="$mine_of_8" -v b="$mine" 'BEGIN { print a / b }')" \
        "not audited" "$(awk -v a="$bare_of_8" -v b="$bare" 'BEGIN { print a / b }')"
}

measure_many_audited() {
    local contender
    for _ in $(rounds 3); do
        for contender in audited written; do
            keep "$audit_many" "$contender" "$(PGOPTIONS="$as_service" clock "$audit_database" "INSERT INTO auditing.$contender (organization_id, user_id, no, name)
                SELECT '$organization', bench.member(1), 1000 + n, 'new' FROM generate_series(1, $audit_changes) n")"
            sql -d "$audit_database" -c "SET session_replication_role = replica" -c "DELETE FROM auditing.$contender WHERE no > 1000"
        done
    done
    report "$audit_many" ms faster 2 laurel "$(least "$audit_many" audited)" "PL/pgSQL trigger" "$(least "$audit_many" written)"
}

measure_audit() {
    local contender
    wanted "$audit_row" "$audit_cost" "$audit_many" "$audit_scaling" || return 0
    prepare_untouched
    copy_untouched "$audit_database"
    sql -d "$audit_database" -f "$bench/sql/audit.sql" >/dev/null
    for contender in audited written bare; do
        audit_script "$contender"
    done
    if wanted "$audit_row" "$audit_cost" "$audit_scaling"; then
        measure_audited_changes
        report_audit_cost
        report_audit_scaling
    fi
    ! wanted "$audit_many" || measure_many_audited
}
