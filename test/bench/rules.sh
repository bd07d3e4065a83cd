# shellcheck shell=bash
# Sourced by run.sh: rules that look at what happens.

rules_database=laurel_bench_rules
rules_events=$(scaled 100000 1000)
rules_firing_events=$(scaled 10000 100)
rules_none='rules: an event that none of 1,000 is for, beside 30 µs'
rules_three='rules: an event that three are for'
rules_few="rules: $(grouped "$rules_events") events through ten, 1 % match"
rules_few_rows="rules: the same beside rules that are read"
rules_all="rules: $(grouped "$rules_firing_events") events through ten, all match"

prepare_rules() {
    copy_untouched "$rules_database"
    sql -d "$rules_database" -v organization="$organization" -v members="$members" -v events="$rules_events" -v kind="$1" -f "$bench/sql/rules.sql" >/dev/null
}

# Prints what writing so many events of a type, one a statement, takes by the processor's clock.
one_by_one() {
    psql -X -q -v ON_ERROR_STOP=1 -d "$rules_database" -o /dev/null -c "SET synchronous_commit = off" -c "SELECT ruling.one_by_one('$1', 10)" \
        -c '\timing on' -c "SELECT ruling.one_by_one('$1', $(scaled 2000 100))" | sed -nE 's/^Time: ([0-9.]+) ms.*/\1/p'
}

with_rules() {
    sql -d "$rules_database" -c "ALTER TABLE laurel.domain_events $1 TRIGGER run_rules"
}

measure_no_rule() {
    local count
    count=$(scaled 2000 100)
    for _ in $(rounds 15); do
        keep "$rules_none" rules "$(one_by_one type_7)"
        with_rules DISABLE
        keep "$rules_none" bare "$(one_by_one type_7)"
        with_rules ENABLE
    done
    report "$rules_none" ms time 1 laurel "$(awk -v a="$(least "$rules_none" rules)" -v b="$(least "$rules_none" bare)" -v n="$count" 'BEGIN { v = (a - b) / n; print (v > 0 ? v : 0.0001) }')" limit 0.030
}

measure_three_rules() {
    local contender mine theirs
    for contender in laurel.domain_events ruling.three; do
        printf '%s\n' "\\set member random(1, $members)" "INSERT INTO $contender (organization_id, user_id, type, data)
            VALUES ('$organization', ('0190a000-0000-7000-8000-' || lpad(:member::text, 12, '0'))::uuid, 'three', '{\"score\": 50}');" >"$out/$contender.pgbench"
    done
    for _ in $(rounds 5); do
        for contender in laurel.domain_events ruling.three; do
            keep "$rules_three" "$contender" "$(PGOPTIONS="-c synchronous_commit=off" steady_throughput "$rules_database" "$(scaled 4 2)" 1 -f "$out/$contender.pgbench")"
        done
    done
    read -r mine theirs < <(middle "$rules_three" laurel.domain_events ruling.three)
    report "$rules_three" tx/s rate 0.333 laurel "$mine" "PL/pgSQL trigger" "$theirs"
}

# Prints the milliseconds of a statement that writes so many events into a table: many_events TABLE TYPE COUNT
many_events() {
    clock "$rules_database" "INSERT INTO $1 (organization_id, user_id, type, data) SELECT '$organization', user_id, '$2', data FROM ruling.source WHERE n <= $3"
}

# What ten rules add to a statement, beside what the triggers in PL/pgSQL add: measure_ten ROW TYPE COUNT
measure_ten() {
    local row=$1 contender
    prepare_rules "$2"
    for _ in $(rounds 2); do
        for contender in laurel.domain_events ruling.ifs ruling.rows ruling.bare; do
            keep "$row" "$contender" "$(many_events "$contender" "$2" "$3")"
        done
        with_rules DISABLE
        keep "$row" untouched "$(many_events laurel.domain_events "$2" "$3")"
        with_rules ENABLE
    done
    [ "$(sql -d "$rules_database" -c 'SELECT count(*) FROM laurel.rule_executions')" = "$(sql -d "$rules_database" -c 'SELECT count(*) / 2 FROM ruling.executions')" ] ||
        fail "$row: not as many executions"
}

# What it takes beyond the same rows without rules: beyond ROW CONTENDER WITHOUT
beyond() {
    awk -v a="$(least "$1" "$2")" -v b="$(least "$1" "$3")" 'BEGIN { v = a - b; print (v > 0.1 ? v : 0.1) }'
}

measure_rules() {
    wanted "$rules_none" "$rules_three" "$rules_few" "$rules_all" || return 0
    prepare_untouched
    if wanted "$rules_none" "$rules_three"; then
        prepare_rules few
        ! wanted "$rules_none" || measure_no_rule
        ! wanted "$rules_three" || measure_three_rules
    fi
    if wanted "$rules_few"; then
        measure_ten "$rules_few" few "$rules_events"
        report "$rules_few" ms faster 20 "laurel adds" "$(beyond "$rules_few" laurel.domain_events untouched)" "ten IFs add" "$(beyond "$rules_few" ruling.ifs ruling.bare)"
        report "$rules_few_rows" ms faster - "laurel adds" "$(beyond "$rules_few" laurel.domain_events untouched)" "rows add" "$(beyond "$rules_few" ruling.rows ruling.bare)"
    fi
    if wanted "$rules_all"; then
        measure_ten "$rules_all" all "$rules_firing_events"
        report "$rules_all" ms faster 4 "laurel adds" "$(beyond "$rules_all" laurel.domain_events untouched)" "ten IFs add" "$(beyond "$rules_all" ruling.ifs ruling.bare)"
    fi
}
