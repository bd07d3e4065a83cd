# shellcheck shell=bash
# Sourced by run.sh: databases, samples and rows.

scale=${BENCH_SCALE:-1}
[[ $scale =~ ^[0-9]*\.?[0-9]+$ ]] || fail "BENCH_SCALE=$scale is not a number"
organization=0190b000-0000-7000-8000-000000000001
untouched_database=laurel_bench
untouched_prepared=no
as_service='-c client_min_messages=warning -c role=service_role'
heading=no
judged=0
missed=0

# Prints a size, smaller in a smoke run: scaled SIZE [LEAST].
scaled() {
    awk -v n="$1" -v scale="$scale" -v least="${2:-1}" 'BEGIN { n = int(n * scale); print n < least ? least : n }'
}

members=$(scaled 100000 1000)

is_smoke() {
    [ "$scale" != 1 ]
}

# Prints the numbers of the rounds: only one in a smoke run.
rounds() {
    if is_smoke; then
        echo 1
    else
        seq "$1"
    fi
}

# True if any of the rows named is asked for.
wanted() {
    local name
    for name in "$@"; do
        [[ ! $name =~ ${BENCH_ONLY:-} ]] || return 0
    done
    return 1
}

# Prints the id of member n.
member() {
    printf '0190a000-0000-7000-8000-%012d' "$1"
}

# Makes a database anew with so many members of one organization.
make_database() {
    say "making $1"
    scripts/cluster.sh createdb "$1" >/dev/null
    use_database "$1"
    export PGOPTIONS='-c client_min_messages=warning'
    sql -v members="$2" -f "$bench/sql/members.sql"
}

# Makes the database of members and peers in which nothing ever happens, once; what writes is measured in copies of it.
prepare_untouched() {
    [ "$untouched_prepared" = no ] || return 0
    make_database "$untouched_database" "$members"
    sql -f "$bench/sql/peers.sql"
    untouched_prepared=yes
}

copy_untouched() {
    sql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE $untouched_database" \
        -c CHECKPOINT
}

drop_databases() {
    local name
    for name in $(sql -d postgres -c "SELECT datname FROM pg_database WHERE datname ~ '^laurel_bench'"); do
        sql -d postgres -c "DROP DATABASE $name WITH (FORCE)"
    done
}

# Takes note of one measurement: keep ROW CONTENDER VALUE.
keep() {
    [[ $3 =~ ^[0-9.]+$ ]] || fail "$1: no measurement of $2"
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$out/samples.tsv"
    say "  $1: $2 $3"
}

# Prints the samples of a contender, in the order of the rounds.
samples() {
    awk -F '\t' -v row="$1" -v contender="$2" '$1 == row && $2 == contender { print $3 }' "$out/samples.tsv"
}

# Prints the best time of a contender: noise only adds.
least() {
    samples "$1" "$2" | sort -g | head -n 1
}

# Prints what two contenders did in the round whose ratio is the middle one: a slow disk is slow for both.
middle() {
    paste <(samples "$1" "$2") <(samples "$1" "$3") | awk '{ print $1 / $2, $1, $2 }' | sort -g |
        awk '{ line[NR] = $2 " " $3 } END { print line[int((NR + 1) / 2)] }'
}

# Prints a count with its thousands apart.
grouped() {
    sed -E ':again; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; t again' <<<"$1"
}

# Prints transactions per second of a pgbench script: throughput DATABASE SECONDS CLIENTS OPTION...
throughput() {
    local database=$1 seconds=$2 clients=$3
    shift 3
    pgbench -n -M prepared -T "$seconds" -c "$clients" -j "$clients" "$@" "$database" >"$out/pgbench" 2>"$out/pgbench.err" ||
        fail "pgbench $*: $(tail -n 3 "$out/pgbench.err")"
    sed -nE 's/^tps = ([0-9.]+) .*/\1/p' "$out/pgbench"
}

# The same, without the first of at least two seconds, in which connections meet everything for the first time.
steady_throughput() {
    throughput "$@" -P 1 >/dev/null
    awk '/^progress: / && !first { first = $2; early = $2 * $4 }
        /^number of transactions actually processed: / { count = $NF }
        /^tps = / { print (count - early) / (count / $3 - first) }' "$out/pgbench.err" "$out/pgbench"
}

# Prints the milliseconds a statement takes: clock DATABASE STATEMENT
clock() {
    psql -X -q -v ON_ERROR_STOP=1 -d "$1" -o /dev/null -c '\timing on' -c "$2" | sed -nE 's/^Time: ([0-9.]+) ms.*/\1/p'
}

# Prints a value with its unit: tx/s, /s, points, or a time given in milliseconds.
shown() {
    awk -v value="$1" -v unit="$2" 'BEGIN {
        if (unit == "tx/s") printf "%.0f tx/s", value
        else if (unit == "x") printf "%.2f x", value
        else if (unit == "points") printf "%.0f points", value
        else if (unit == "/s") printf "%.0f/s", value
        else if (value < 10) printf "%.3f ms", value
        else if (value < 10000) printf "%.1f ms", value
        else printf "%.1f s", value / 1000 }'
}

line() {
    [ "$heading" = yes ] || printf '%-50s %-22s %-30s %8s  %-9s %s\n' row laurel peer ratio target ''
    heading=yes
    printf '%-50s %-22s %-30s %8s  %-9s %s\n' "$@"
}

# Prints a row: report ROW UNIT SENSE TARGET LAUREL VALUE PEER VALUE. SENSE is what the ratio means: rate and time divide
# Laurel by the peer, faster the peer by Laurel. TARGET is the least (rate, faster) or the most (time) allowed, or -.
report() {
    local row=$1 unit=$2 sense=$3 target=$4 laurel=$5 mine=$6 peer=$7 theirs=$8 ratio verdict=information sign='>='
    [ "$sense" != time ] || sign='<='
    ratio=$(awk -v a="$mine" -v b="$theirs" -v sense="$sense" 'BEGIN { printf "%.4f", sense == "faster" ? b / a : a / b }')
    if [ "$target" = - ]; then
        sign=
    elif is_smoke; then
        verdict='not judged'
    else
        judged=$((judged + 1))
        verdict=ok
        if ! awk -v r="$ratio" -v t="$target" -v sense="$sense" 'BEGIN { exit !(sense == "time" ? r <= t : r >= t) }'; then
            verdict=MISSED
            missed=$((missed + 1))
        fi
    fi
    line "$row" "$laurel $(shown "$mine" "$unit")" "$peer $(shown "$theirs" "$unit")" \
        "$(awk -v r="$ratio" 'BEGIN { printf r < 10 ? "%.2f" : "%.0f", r }')" "$sign $target" "$verdict"
}

conclude() {
    if is_smoke; then
        echo "a smoke run with BENCH_SCALE=$scale: nothing was judged"
        return 0
    fi
    echo "$((judged - missed)) of $judged targets met"
    [ "$missed" -eq 0 ]
}
