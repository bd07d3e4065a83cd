# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: where the server's programs are, how the private cluster is reached, how tests count.
set -euo pipefail
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cluster=$root/build/cluster
cd "$root"

# The caller's own connection settings must not lead anything here to another server.
for name in $(compgen -e PG); do
    [ "$name" = PG_CONFIG ] || unset "$name"
done

say() {
    echo "$*" >&2
}

fail() {
    say "$(basename "$0"): $*"
    exit 1
}

# Sets pg_config, bindir and major, and puts the server's own programs first in PATH.
find_server() {
    pg_config=$(scripts/pg-config.sh)
    command -v "$pg_config" >/dev/null || fail "there is no $pg_config, which PG_CONFIG names"
    bindir=$("$pg_config" --bindir)
    if [ ! -x "$bindir/postgres" ] && [ -z "${PG_CONFIG:-}" ]; then
        pg_config=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
        pg_config=${pg_config%/*}/pg_config
        bindir=${pg_config%/*}
    fi
    [ -x "$bindir/postgres" ] || fail "no PostgreSQL server in ${bindir:-/usr/lib/postgresql}: run make deps, or set PG_CONFIG"
    major=$("$bindir/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    PATH=$bindir:$PATH
}

installed_extension() {
    [ -f "$("$pg_config" --sharedir)/extension/$1.control" ]
}

# Prints the folder that holds the cluster's data, socket and log.
cluster_home() {
    if [ -s "$cluster/location" ]; then
        cat "$cluster/location"
    else
        echo "$cluster"
    fi
}

# Prints the system user the server runs as: the data's owner, else the caller, but postgres instead of root.
server_user() {
    local data
    data=$(cluster_home)/data
    if [ -d "$data" ]; then
        stat -c %U "$data"
    elif [ "$(id -u)" -eq 0 ]; then
        echo postgres
    else
        id -un
    fi
}

# Runs a command as the server's user, from a folder that user can enter.
as_server_user() {
    local user
    user=$(server_user)
    if [ "$user" = "$(id -un)" ]; then
        (cd / && "$@")
    elif [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u "$user" -- "$@")
    else
        fail "$(cluster_home) belongs to $user: run this as $user, or remove $cluster"
    fi
}

# Makes the keys of personal values and of credentials in a folder where they are not there, and prints the settings that
# name them.
key_files() {
    local kind
    for kind in personal credential; do
        as_server_user test -e "$1/$kind.key" || as_server_user bash -s -- "$1/$kind.key" <scripts/personal-key.sh
        echo "laurel.${kind}_key_file = '$1/$kind.key'"
    done
}

is_running() {
    [ -d "$(cluster_home)/data" ] || return 1
    as_server_user true
    as_server_user pg_ctl status -D "$(cluster_home)/data" >/dev/null 2>&1
}

# Prints one line of the running server's own record: 1 process, 4 port, 5 socket folder.
server_record() {
    as_server_user sed -n "$1p" "$(cluster_home)/data/postmaster.pid"
}

# Lets every libpq program that follows connect to this database of the private cluster.
use_database() {
    PGHOST=$(server_record 5)
    PGPORT=$(server_record 4)
    export PGHOST PGPORT PGUSER=postgres PGDATABASE=$1
}

# The caller's settings of a worker must not reach the ones started here; those of the build and the cluster stay.
forget_worker_settings() {
    local name
    for name in $(compgen -e LAUREL_) DATABASE_URL NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID; do
        [[ $name =~ ^LAUREL_(PORT|TCP|WERROR)$ ]] || unset "$name"
    done
}

sql() {
    psql -X -q -v ON_ERROR_STOP=1 -A -t "$@"
}

# Runs a command as a named check: its output is shown only if it fails.
passed=0
failed=0
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "not ok  $name"
        head -n 60 <<<"$output" | sed 's/^/        /'
    fi
}

# is HAVE WANT
is() {
    [ "$1" = "$2" ] || {
        echo "have: $1"
        echo "want: $2"
        return 1
    }
}

# like TEXT REGEX
like() {
    [[ $1 =~ $2 ]] || {
        echo "have: $1"
        echo "want: $2"
        return 1
    }
}

# Prints the closing line that test-all.sh adds up; false if anything failed.
tally() {
    echo "$1 passed, $2 failed"
    [ "$2" -eq 0 ]
}
