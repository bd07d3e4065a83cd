#!/usr/bin/env bash
# The private cluster in build/cluster.
#   start                     starts or reuses it, with database laurel migrated; the last line printed is its URI
#   stop, status, psql [...]  what they say
#   uri [DATABASE]            prints the URI of a database, laurel unless named
#   createdb [--unmigrated | --empty] NAME
#                             makes database NAME anew, with laurel and pgtap, and prints its URI;
#                             --unmigrated stops short of the tables, --empty of everything
# LAUREL_PORT names the socket's port (54329); LAUREL_TCP=1 also listens on 127.0.0.1, with passwords.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

port=${LAUREL_PORT:-54329}

# One start at a time; the server itself must not inherit the lock.
lock() {
    mkdir -p "$cluster"
    [ -w "$cluster" ] || fail "$cluster belongs to $(stat -c %U "$cluster"): run this as that user, or remove it"
    exec 9>"$cluster/lock"
    flock 9
}

# Makes a folder for the server's user elsewhere and remembers it: refuge FILE, where FILE holds its path.
refuge() {
    local parent=/tmp
    ! as_server_user test -w /var/lib/postgresql || [ "$1" = socket.path ] || parent=/var/lib/postgresql
    as_server_user mktemp -d "$parent/laurel.XXXXXX" >"$cluster/$1"
}

# The cluster lives in build/cluster unless the server's user cannot get there.
choose_home() {
    local user
    user=$(server_user)
    id "$user" >/dev/null 2>&1 || fail "PostgreSQL does not run as root, and there is no system user $user: add one, or use another account"
    if [ "$user" = root ]; then
        fail "$(cluster_home)/data belongs to root, as whom PostgreSQL does not run: remove $cluster"
    fi
    if [ -s "$cluster/location" ] && [ -d "$(cluster_home)" ]; then
        return
    fi
    rm -f "$cluster/location"
    if ! as_server_user test -x "$cluster"; then
        refuge location
        say "user $user cannot enter $cluster: the cluster is kept in $(cluster_home)"
    fi
}

check_version() {
    local data found
    data=$(cluster_home)/data
    [ -d "$data" ] || return 0
    found=$(as_server_user cat "$data/PG_VERSION")
    [ "$found" = "$major" ] ||
        fail "$data is of PostgreSQL $found, and $bindir of $major: run make cluster-stop and remove $data, or set PG_CONFIG"
}

# Makes the data folder under another name first, so that an interrupted run leaves no half of one.
initialize() {
    local home user
    home=$(cluster_home)
    user=$(server_user)
    say "creating a PostgreSQL $major cluster in $home"
    rm -rf "$home/data.new"
    install -d -o "$user" -m 700 "$home/data.new"
    as_server_user initdb -D "$home/data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >/dev/null
    as_server_user tee -a "$home/data.new/postgresql.conf" <<<"include 'laurel.conf'" >/dev/null
    mv "$home/data.new" "$home/data"
}

# Prints a private socket folder whose path fits in the 107 bytes of a socket's address and needs no quoting.
socket_folder() {
    local user folder
    user=$(server_user)
    folder=$(cluster_home)/socket
    if [ "${#folder}" -gt 88 ] || [[ $folder =~ [^A-Za-z0-9/._+-] ]]; then
        folder=$(cat "$cluster/socket.path" 2>/dev/null || true)
        if [ -z "$folder" ] || [ "$(stat -c %U "$folder" 2>/dev/null)" != "$user" ]; then
            refuge socket.path
            folder=$(cat "$cluster/socket.path")
        fi
    fi
    [ -d "$folder" ] || install -d -o "$user" -m 700 "$folder"
    echo "$folder"
}

# Meant for a test machine of two cores and 24 GB; nothing here trades safety for speed. Tests migrate down and up again in one
# transaction, which takes more locks than the usual 64 for each connection.
settings() {
    local addresses=
    [ "${LAUREL_TCP:-0}" != 1 ] || addresses=127.0.0.1
    cat <<CONF
cluster_name = 'laurel'
port = $port
listen_addresses = '$addresses'
unix_socket_directories = '$1'
max_connections = 100
max_locks_per_transaction = 128
shared_buffers = 512MB
max_wal_size = 4GB
log_min_messages = warning
log_line_prefix = '%m [%p] %d '
timezone = 'UTC'
log_timezone = 'UTC'
CONF
    if [ -f "$("$pg_config" --pkglibdir)/pg_cron.so" ]; then
        cat <<CONF
shared_preload_libraries = 'pg_cron'
cron.database_name = 'laurel'
cron.timezone = 'UTC'
cron.use_background_workers = on
max_worker_processes = 16
CONF
    fi
}

access_rules() {
    echo 'local all all trust'
    echo 'local replication all trust'
    echo 'host all all 127.0.0.1/32 scram-sha-256'
}

# Prints the setting of the key of personal values, which is not in the data folder, so that what copies that does not take
# the key along.
key_setting() {
    local folder
    folder=$(cluster_home)/keys
    [ -d "$folder" ] || install -d -o "$(server_user)" -m 700 "$folder"
    key_files "$folder"
}

launch() {
    local home folder
    home=$(cluster_home)
    folder=$(socket_folder)
    { settings "$folder" && key_setting; } | as_server_user tee "$home/data/laurel.conf" >/dev/null
    access_rules | as_server_user tee "$home/data/pg_hba.conf" >/dev/null
    [ -e "$home/log" ] || install -o "$(server_user)" -m 600 /dev/null "$home/log"
    if ! as_server_user pg_ctl start -w -t 60 -D "$home/data" -l "$home/log" </dev/null >/dev/null 2>&1 9>&-; then
        tail -n 15 "$home/log" >&2
        fail "the server did not start: its log is $home/log"
    fi
    say "PostgreSQL $major is running, with its log in $home/log"
}

# Starts the server if it is not running; settings of a running one stay as they are.
ensure_server() {
    [[ $port =~ ^[0-9]{1,5}$ ]] || fail "LAUREL_PORT=$port is not a port"
    lock
    choose_home
    check_version
    if is_running; then
        [ -z "${LAUREL_PORT:-}" ] || [ "$(server_record 4)" = "$port" ] ||
            say "the cluster already runs with port $(server_record 4): run make cluster-stop first to change it"
        [ "${LAUREL_TCP:-0}" != 1 ] || [ -n "$(server_record 6)" ] ||
            say "the cluster already runs without TCP: run make cluster-stop first to change it"
    else
        [ -d "$(cluster_home)/data" ] || initialize
        launch
    fi
    use_database postgres
    export PGOPTIONS='-c client_min_messages=warning'
    # pg_cron looks for database laurel from its start.
    if [ "$(sql -c "SELECT count(*) FROM pg_database WHERE datname = 'laurel'")" = 0 ]; then
        sql -c 'CREATE DATABASE laurel TEMPLATE template0'
    fi
}

uri() {
    use_database "$1"
    echo "postgresql:///$PGDATABASE?host=$PGHOST&port=$PGPORT&user=$PGUSER"
}

add_extension() {
    sql -d "$1" -c 'CREATE EXTENSION IF NOT EXISTS laurel CASCADE' -c 'ALTER EXTENSION laurel UPDATE' >&2
}

migrate() {
    sql -d "$1" -c 'SELECT laurel.migrate()' >/dev/null
}

# Brings database laurel up to date, keeping what is in it.
prepare_laurel() {
    if [[ $(sql -c 'SHOW shared_preload_libraries') == *pg_cron* ]]; then
        sql -d laurel -c 'CREATE EXTENSION IF NOT EXISTS pg_cron'
    fi
    if ! installed_extension laurel; then
        say "the server lacks the extension (make install): database laurel stays empty"
        return
    fi
    if ! add_extension laurel || ! migrate laurel; then
        say "database laurel could not be brought up to date; to make it anew, losing what is in it:"
        say "  psql '$(uri postgres)' -c 'DROP DATABASE laurel WITH (FORCE)'  and start again"
        exit 1
    fi
    if [ "$(sql -d laurel -c "SELECT to_regnamespace('cron') IS NOT NULL")" = t ]; then
        sql -d laurel -c 'GRANT USAGE ON SCHEMA cron TO laurel_jobs'
    fi
}

start() {
    ensure_server
    prepare_laurel
    uri laurel
}

stop() {
    [ -d "$(cluster_home)/data" ] || return 0
    find_server
    is_running || return 0
    as_server_user pg_ctl stop -m fast -w -t 60 -D "$(cluster_home)/data" >/dev/null ||
        fail "the server did not stop: see $(cluster_home)/log"
    say "the cluster is stopped"
}

# Prints what runs and where; 3 if nothing does.
status() {
    if ! is_running; then
        echo "stopped"
        return 3
    fi
    echo "running: PostgreSQL $(as_server_user cat "$(cluster_home)/data/PG_VERSION"), process $(server_record 1), data in $(cluster_home)/data"
    uri laurel
}

need_running() {
    is_running || fail "the cluster is not running: run make cluster"
}

createdb() {
    local extent=migrated
    case ${1:-} in
        --unmigrated | --empty) extent=${1#--} && shift ;;
    esac
    [[ ${1:-} =~ ^laurel_[a-z0-9_]+$ ]] || fail "createdb makes a database anew: its name must begin with laurel_, not '${1:-}'"
    [ "$extent" = empty ] || installed_extension laurel || fail "the server in $bindir lacks the extension: run make install"
    ensure_server
    sql -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE template0"
    if [ "$extent" != empty ]; then
        add_extension "$1"
        installed_extension pgtap || fail "the server in $bindir lacks pgTAP: run make deps"
        sql -d "$1" -c 'CREATE EXTENSION pgtap'
    fi
    [ "$extent" != migrated ] || migrate "$1"
    uri "$1"
}

command=${1:-}
shift || true
case $command in
    stop) stop && exit ;;
    start | status | uri | psql | createdb) find_server ;;
    *) fail "what? start, stop, status, uri [DATABASE], psql [...] or createdb [--unmigrated | --empty] NAME" ;;
esac
case $command in
    start) start ;;
    status) status ;;
    uri) need_running && uri "${1:-laurel}" ;;
    psql) need_running && use_database laurel && exec psql "$@" ;;
    createdb) createdb "$@" ;;
esac
