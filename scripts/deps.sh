#!/usr/bin/env bash
# Installs the Debian packages (12, 13) that building and testing need, where they are missing; --list prints them.
# PG_CONFIG chooses the server's version, else the newest one that is here or that apt offers.
set -euo pipefail
export LC_ALL=C

versions=(17 16 15)
dropin=/etc/postgresql-common/createcluster.d/laurel.conf
policy=/usr/sbin/policy-rc.d
services=(pgbouncer prometheus)
refreshed=no

say() {
    echo "deps: $*" >&2
}

fail() {
    say "$@"
    exit 1
}

# The packages, NN standing for the server's major version.
table() {
    cat <<'TABLE'
build-essential                         compiler, make, nm
cmake                                   builds the worker and the kernel tests
pkgconf                                 finds libraries
postgresql-common                       chooses among the installed servers
postgresql-NN                           server, client programs, pgcrypto, btree_gist
postgresql-server-dev-NN                headers, PGXS with its clang, pg_isolation_regress
postgresql-NN-pgtap                     tests in SQL
postgresql-NN-cron                      schedules
libtap-parser-sourcehandler-pgtap-perl  pg_prove
libssl-dev                              hashes and signatures
zlib1g-dev                              compresses status lists
libicu-dev                              domains in other scripts, by the ICU that the server uses
libpq-dev                               connections from C
libpqxx-dev                             connections from C++
libspdlog-dev                           the worker's log
libcurl4-openssl-dev                    the worker's mail and webhooks
libgmime-3.0-dev                        the parts of the worker's mail
libcli11-dev                            the worker's command line
nlohmann-json3-dev                      JSON
libgtest-dev                            kernel tests
openssl                                 certificates for tests
python3                                 mail and web servers for the demo and tests
python3-dateutil                        reads rules of recurrence in tests
python3-icalendar                       reads calendars in tests
curl                                    asks for the worker's pages in tests
chromium-headless-shell                 looks at the status page in tests
python3-psycopg                         a client in tests
python3-psycopg2                        what SQLAlchemy and Django speak through
python3-sqlalchemy                      a client in tests
python3-django                          a client in tests
ruby-activerecord                       a client in tests
ruby-pg                                 what ActiveRecord speaks through
pgbouncer                               stands between clients and the server in tests
pgbackrest                              backs up and restores in tests
prometheus                              its promtool reads the worker's metrics in tests
TABLE
}

installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null) == installed* ]]
}

offered() {
    [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[0-9]* ]]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "root is needed to install packages, and sudo is missing: run scripts/deps.sh as root"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

# Reads apt's package lists anew, at most once; without a network the lists at hand may do.
refresh() {
    [ "$refreshed" = no ] || return 0
    refreshed=yes
    apt update || say "the package lists could not be refreshed; going on with those at hand"
}

# Prints the major version of Debian's server that PG_CONFIG belongs to, nothing if it belongs to another server.
version_of_pg_config() {
    local bindir=${PG_CONFIG%/*}
    if command -v "$PG_CONFIG" >/dev/null; then
        bindir=$("$PG_CONFIG" --bindir)
    elif [[ $PG_CONFIG != /usr/lib/postgresql/*/bin/pg_config ]]; then
        fail "PG_CONFIG=$PG_CONFIG does not exist"
    fi
    if [[ $bindir =~ ^/usr/lib/postgresql/([0-9]+)/bin$ ]]; then
        echo "${BASH_REMATCH[1]}"
    fi
}

newest() {
    local version
    for version in "${versions[@]}"; do
        if "$1" "postgresql-server-dev-$version"; then
            echo "$version"
            return
        fi
    done
    return 1
}

choose_version() {
    if [ -n "${PG_CONFIG:-}" ]; then
        version=$(version_of_pg_config)
    elif ! version=$(newest installed || newest offered); then
        refresh
        version=$(newest offered) || fail "apt offers none of PostgreSQL ${versions[*]}"
    fi
}

# Prints the names of the packages; those of the server only if it is Debian's.
packages() {
    if [ -n "$version" ]; then
        table | awk -v version="$version" '{ sub("NN", version, $1); print $1 }'
    else
        table | awk '$1 !~ /NN/ { print $1 }'
    fi
}

# Debian starts a server of its own when the server's package arrives; this lasts until the script ends.
keep_server_stopped() {
    as_root mkdir -p "${dropin%/*}"
    echo 'create_main_cluster = false' | as_root tee "$dropin" >/dev/null
}

# Debian starts services when they arrive, unless this says no (101); it lasts until the script ends. A policy that is there
# already is put back.
keep_services_stopped() {
    [ ! -e "$policy" ] || [ -e "$policy.laurel" ] || as_root mv "$policy" "$policy.laurel"
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

# Nor do those that have arrived start with the machine: tests start what they need. Works without a running systemd too.
forget_services() {
    local service
    for service in "${services[@]}"; do
        [[ " ${missing[*]} " != *" $service "* ]] || ! installed "$service" || as_root update-rc.d "$service" disable >&2 || true
    done
}

put_back() {
    as_root rm -f "$dropin" "$policy"
    [ ! -e "$policy.laurel" ] || as_root mv "$policy.laurel" "$policy"
    forget_services
}

if ! command -v apt-get >/dev/null; then
    say "this is not Debian: please see that the equivalents of these are installed"
    table >&2
    exit
fi
choose_version
mapfile -t wanted < <(packages)
if [ "${1:-}" = --list ]; then
    printf '%s\n' "${wanted[@]}"
    exit
fi
[ -n "$version" ] || say "$PG_CONFIG is not Debian's: its headers, pgTAP and pg_cron are yours to install"

missing=()
for package in "${wanted[@]}"; do
    installed "$package" || missing+=("$package")
done
# It installs clients for tests and a peer of the benchmarks. Another Node.js than Debian's brings its own.
command -v npm >/dev/null || missing+=(nodejs npm)
[ "${#missing[@]}" -gt 0 ] || exit 0

say "installing ${missing[*]}"
refresh
trap put_back EXIT
keep_services_stopped
[[ " ${missing[*]} " != *" postgresql-$version "* ]] || keep_server_stopped
apt install --no-install-recommends --no-remove "${missing[@]}" ||
    fail "apt could not install ${missing[*]}: see its message above"
