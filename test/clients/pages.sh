# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by the tests of clients: a server of their own with the people of docs/clients/begin.sql, and the programs that the pages
# of docs/clients are. The caller has sourced scripts/lib.sh.

# shellcheck source=test/support/servers.sh
. "$root/test/support/servers.sh"

export PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3 # Debian's, which has Debian's modules

# A reader's environment has what the pages say, not what these tests tell psql.
as_reader() {
    unset PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS
}

# clients_server NAME [SETTING ...] starts the server and leaves what its page and its program need in the environment.
clients_server() {
    out=$root/build/test-clients/$1
    rm -rf "$out"
    mkdir -p "$out"
    own_server server 54394 all 'fsync = off' "${@:2}"
    export PGHOST=$server PGPORT=54394 PGUSER=postgres PGDATABASE=laurel_clients PGOPTIONS='-c client_min_messages=warning'
    export DATABASE_URL="postgresql:///laurel_clients?host=$server&port=$PGPORT&user=laurel_app"
    installed_extension laurel || fail "the server in $bindir lacks the extension: run make install"
    sql -d postgres -c 'CREATE DATABASE people TEMPLATE template0'
    sql -d people -f docs/clients/begin.sql
}

# Makes the database anew, with its people.
clients_database() {
    sql -d postgres -c 'DROP DATABASE IF EXISTS laurel_clients WITH (FORCE)' -c 'CREATE DATABASE laurel_clients TEMPLATE people'
}

# on_people COMMAND... runs a command on a database where nobody has done anything yet.
on_people() {
    clients_database && "$@"
}

# All blocks of a kind of a page, in order.
blocks() {
    awk -v kind="$2" '/^```/ { inside = !inside && $0 == "```" kind; next } inside' "$1"
}

# prints_what_it_says PAGE KIND COMMAND... runs the page's blocks of a kind as one program, after those for the shell; what it prints is
# what the page shows.
prints_what_it_says() {
    local page=docs/clients/$1.md program
    program=$out/$1.$2
    blocks "$page" "$2" >"$program"
    [ -s "$program" ] || return 1
    clients_database || return 1
    (as_reader && eval "$(blocks "$page" sh)" && "${@:3}" "$program") >"$out/$1.out" 2>&1 || {
        cat "$out/$1.out"
        return 1
    }
    diff <(blocks "$page" text | grep .) <(grep . "$out/$1.out")
}
