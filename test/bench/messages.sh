# shellcheck shell=bash
# Sourced by run.sh: what reading one's messages costs beside a condition written by hand on the same table without row
# security, the whole request. Four connections keep the machine busy.

messages_database=laurel_bench_messages
messages_members=$(scaled 2000 700)
messages_count=$(scaled 1000000 20000)
messages_reader=40
messages_unread_row='messages: unread of a member'
messages_thread_row='messages: a page of a thread'

# Prints a query on the table, the reader's own condition in it where row security does not say it: message_query ROW CONTENDER
message_query() {
    local me thread own=''
    me=$(member "$messages_reader")
    thread=$(sql -d "$messages_database" -c "SELECT thread_id FROM plain.messages WHERE recipient_id = '$me' ORDER BY created_at LIMIT 1")
    [ "$2" = laurel ] || own=" AND organization_id = '$organization' AND (sender_id = '$me' AND sender_deleted_at IS NULL OR recipient_id = '$me' AND recipient_deleted_at IS NULL)"
    case $1 in
        "$messages_thread_row"*) echo "SELECT id, sender_id, content, is_read, created_at FROM messages WHERE thread_id = '$thread'$own ORDER BY created_at DESC, id DESC LIMIT 20" ;;
        *) if [ "$2" = laurel ]; then echo "SELECT laurel.unread_messages(NULL)"; else
            echo "SELECT count(*) FROM messages WHERE recipient_id = '$me' AND organization_id = '$organization' AND NOT is_read AND recipient_deleted_at IS NULL"
        fi ;;
    esac
}

# Takes turns: messages_row ROW PROTOCOL
messages_row() {
    local contender file rate
    for _ in $(rounds 3); do
        for contender in plain laurel; do
            file="$out/requests/messages_$contender.sql"
            request "$contender" "'$(claims "$(member "$messages_reader")")'" "$(message_query "$1" "$contender")" >"$file"
            sql -d "$messages_database" -f "$file" | grep -v '"public"|' | md5sum >"$out/messages.$contender"
            rate=$(steady_throughput "$messages_database" 2 4 -M "$2" -f "$file")
            keep "$1, $2" "$contender" "$(awk -v rate="$rate" 'BEGIN { printf "%.4f", 1000 / rate }')"
        done
        cmp -s "$out/messages.plain" "$out/messages.laurel" || fail "$1: the two answer something else"
    done
    report "$1, $2" ms time 1.15 laurel "$(least "$1, $2" laurel)" "no row security" "$(least "$1, $2" plain)"
}

measure_messages() {
    local row protocol
    wanted "$messages_unread_row" "$messages_thread_row" || return 0
    make_database "$messages_database" "$messages_members"
    sql -v members="$messages_members" -v messages="$messages_count" -v reader="$messages_reader" -v organization="$organization" -f "$bench/sql/messages.sql"
    for row in "$messages_unread_row" "$messages_thread_row"; do
        ! wanted "$row" || for protocol in prepared simple; do messages_row "$row" "$protocol"; done
    done
}
