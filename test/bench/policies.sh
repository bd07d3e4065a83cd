# shellcheck shell=bash
# Sourced by run.sh: what row security costs a request, the whole transaction (requests.sh has its shape). Four connections
# keep the machine busy: with one, the processors' falling asleep between two messages would decide.

policies_database=laurel_bench_policies
tenants_members=$(scaled 100000 3000)
large=$((tenants_members * 9 / 10))
trainer=$((large / 2 + 1))
admin=$((large * 2 / 3 + 1))
learner=$((large / 7 + 1))
busy=4
columns='id, amount, balance_after, created_at'
total_row='admin: count and sum of all'
mixed_row='learner, admin, trainer in turn: newest 20'
stranger_row='a random learner each time: newest 20'
crowd_row="$stranger_row, 8 clients"
newcomer_row='a new connection each time: newest 20'
policies_prepared=no

prepare_policies() {
    [ "$policies_prepared" = no ] || return 0
    make_database "$policies_database" "$large"
    sql -v members="$tenants_members" -v large="$large" -v trainer="$trainer" -v admin="$admin" \
        -v organization="$organization" -f "$bench/sql/tenants.sql"
    sql -f "$bench/sql/readers.sql"
    policies_prepared=yes
}

number_of() {
    case $1 in
        learner) echo "$learner" ;;
        trainer) echo "$trainer" ;;
        admin) echo "$admin" ;;
    esac
}

# Prints the condition a careful programmer would write for a caller.
condition_of() {
    local k ids
    printf "organization_id = '%s'" "$organization"
    case $1 in
        learner) printf " AND user_id = '%s'" "$(member "$learner")" ;;
        trainer)
            ids=$(for k in $(seq 200); do member $((k * (large / 200))) && echo; done | paste -sd,)
            printf " AND user_id = ANY ('{%s,%s}')" "$(member "$trainer")" "$ids"
            ;;
    esac
}

# Prints the id of an entry that the caller may see, not the caller's own where others' are visible.
entry_for() {
    local owner=$learner
    [ "$1" != trainer ] || owner=$((77 * (large / 200)))
    [ "$1" != admin ] || owner=$((large / 3))
    sql -d "$policies_database" -c "SELECT id FROM laurel.points_ledger
        WHERE organization_id = '$organization' AND user_id = '$(member "$owner")' AND entry_no = 5"
}

# Prints a query: query SHAPE CALLER GUARD, where GUARD is a condition in place of row security, or nothing.
query() {
    local condition='' tail='' wanted_columns=$columns
    case $1 in
        point) condition="id = '$(entry_for "$2")'" ;;
        member) condition="user_id = '$(member $((large / 3)))'" ;;
        type) condition="transaction_type = 'quiz_passed'" tail=' ORDER BY created_at DESC LIMIT 100' ;;
        newest) tail=' ORDER BY created_at DESC LIMIT 20' ;;
        total) wanted_columns='count(*), sum(amount)' ;;
    esac
    [ -z "$condition" ] || [ -z "$3" ] || condition+=' AND '
    condition+=$3
    echo "SELECT $wanted_columns FROM points_ledger${condition:+ WHERE $condition}$tail"
}

# Prints the file of a request, which it writes at first: script CONTENDER CALLER SHAPE
script() {
    local file="$out/requests/$2_$3_$1.sql" guard=''
    [ "$1" != plain ] || guard=$(condition_of "$2")
    [ -s "$file" ] ||
        request "$1" "'$(claims "$(member "$(number_of "$2")")")'" "$(query "$3" "$2" "$guard")" >"$file"
    echo "$file"
}

# Prints a fingerprint of what a request answers, in any order, and leaves the milliseconds it took in $out/answer.ms.
answer() {
    sql -d "$policies_database" -c '\timing on' -f "$1" >"$out/answer" || fail "$1: no answer"
    sed -nE 's/^Time: ([0-9.]+) ms.*/\1/p' "$out/answer" | awk '{ sum += $1 } END { print sum }' >"$out/answer.ms"
    grep -vE '^(Time|Timing|"[a-z]+", "public"\|)' "$out/answer" | LC_ALL=C sort | md5sum
}

# A contender must answer as the others do: same_answer CONTENDER CALLER SHAPE
same_answer() {
    local expected
    expected=$(answer "$(script plain "$2" "$3")")
    [ "$(answer "$(script "$1" "$2" "$3")")" = "$expected" ] || fail "$2, $3: $1 answers something else"
}

# Takes note of the time per request: read_round ROW CONTENDER CLIENTS OPTION...
read_round() {
    local row=$1 contender=$2 clients=$3 rate
    shift 3
    rate=$(steady_throughput "$policies_database" 2 "$clients" "$@")
    keep "$row" "$contender" "$(awk -v rate="$rate" 'BEGIN { printf "%.4f", 1000 / rate }')"
}

# The names of a caller's queries, and of their rows.
shapes_of() {
    if [ "$1" = admin ]; then
        echo point member type newest
    else
        echo point list newest
    fi
}

name_of() {
    case $2 in
        point) echo "$1: entry by id" ;;
        list) echo "$1: all visible entries" ;;
        member) echo "$1: entries of a member" ;;
        type) echo "$1: newest 100 of a type" ;;
        newest) echo "$1: newest 20" ;;
        total) echo "$total_row" ;;
    esac
}

# Without row security against Laurel, turn and turn about: against_plain ROW CALLER SHAPE PROTOCOL TARGET [CLIENTS]
against_plain() {
    local contender
    for _ in $(rounds 3); do
        for contender in plain laurel; do
            read_round "$1" "$contender" "${6:-$busy}" -M "$4" -f "$(script "$contender" "$2" "$3")"
        done
    done
    report "$1" ms time "$5" laurel "$(least "$1" laurel)" "no row security" "$(least "$1" plain)"
}

# The policies that an application wrote itself, once where they scan. A query that has a filter of its own is no scan,
# and has no target: against_written ROW CALLER SHAPE
against_written() {
    local target=-
    case $3 in list | newest) target=100 ;; esac
    same_answer written "$2" "$3"
    if [ "$(awk '{ print int($1) }' "$out/answer.ms")" -ge 100 ]; then
        keep "$1" written "$(cat "$out/answer.ms")"
    else
        read_round "$1" written "$busy" -f "$(script written "$2" "$3")"
    fi
    report "$1" ms faster "$target" laurel "$(least "$1" laurel)" "hand-written policies" "$(least "$1" written)"
}

measure_caller() {
    local shape row target
    for shape in $(shapes_of "$1"); do
        row=$(name_of "$1" "$shape")
        wanted "$row" || continue
        prepare_policies
        same_answer laurel "$1" "$shape"
        against_plain "$row, prepared" "$1" "$shape" prepared 1.15
        against_plain "$row, not prepared" "$1" "$shape" simple 1.15
        against_written "$row, prepared" "$1" "$shape"
    done
}

measure_total() {
    wanted "$total_row" || return 0
    prepare_policies
    same_answer laurel admin total
    against_plain "$total_row" admin total prepared 1.4 1
    against_written "$total_row" admin total
}

# One connection of a pool whose callers alternate. Laurel prepares one statement; the peer one for each caller.
mixed_scripts() {
    local caller contender number=0 quoted=()
    for caller in learner admin trainer; do
        quoted+=("'$(claims "$(member "$(number_of "$caller")")")'")
    done
    for contender in laurel plain; do
        echo '\set c :c % 3 + 1' >"$out/requests/mixed_$contender.sql"
        preamble "$contender" "(ARRAY[$(IFS=,; echo "${quoted[*]}")])[:c::int]" >>"$out/requests/mixed_$contender.sql"
    done
    {
        echo "$(query newest any '');"
        echo 'COMMIT;'
    } >>"$out/requests/mixed_laurel.sql"
    for caller in learner admin trainer; do
        number=$((number + 1))
        printf '\\if :c = %s\n%s;\n\\endif\n' "$number" "$(query newest any "$(condition_of "$caller")")"
    done >>"$out/requests/mixed_plain.sql"
    echo 'COMMIT;' >>"$out/requests/mixed_plain.sql"
}

measure_mixed() {
    local contender
    wanted "$mixed_row" || return 0
    prepare_policies
    mixed_scripts
    for _ in $(rounds 3); do
        for contender in plain laurel; do
            read_round "$mixed_row" "$contender" "$busy" -D c=0 -f "$out/requests/mixed_$contender.sql"
        done
    done
    report "$mixed_row" ms time - laurel "$(least "$mixed_row" laurel)" "no row security" "$(least "$mixed_row" plain)"
}

# Callers whom the connection has not seen lately, so that Laurel has to read who they are.
stranger_scripts() {
    local contender user="0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0') || '" guard=''
    for contender in laurel plain; do
        [ "$contender" != plain ] || guard="organization_id = '$organization' AND user_id = ('$user')::uuid"
        {
            echo '\set n random(1, :large)'
            request "$contender" "'$(claims "$user")'" "$(query newest any "$guard")"
        } >"$out/requests/stranger_$contender.sql"
    done
}

# Strangers by so many connections, with more options: strangers_against_plain ROW CLIENTS TARGET [OPTION...]
strangers_against_plain() {
    local row=$1 clients=$2 target=$3 contender
    shift 3
    for _ in $(rounds 3); do
        for contender in plain laurel; do
            read_round "$row" "$contender" "$clients" "$@" -D large="$large" -f "$out/requests/stranger_$contender.sql"
        done
    done
    report "$row" ms time "$target" laurel "$(least "$row" laurel)" "no row security" "$(least "$row" plain)"
}

measure_strangers() {
    wanted "$stranger_row" "$newcomer_row" || return 0
    prepare_policies
    stranger_scripts
    ! wanted "$stranger_row" || strangers_against_plain "$stranger_row" "$busy" -
    ! wanted "$crowd_row" || strangers_against_plain "$crowd_row" 8 1.5
    ! wanted "$newcomer_row" || strangers_against_plain "$newcomer_row" "$busy" 1.6 -C
}

measure_policies() {
    local caller
    for caller in learner trainer admin; do
        measure_caller "$caller"
    done
    measure_total
    measure_mixed
    measure_strangers
}
