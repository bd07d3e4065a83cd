# shellcheck shell=bash
# Sourced by tests that need servers of their own, because roles and settings belong to all databases of one. The caller has
# sourced scripts/lib.sh.

servers=()

# own_server NAME PORT WHO [SETTING ...] makes and starts one in a folder with a short path, which also holds its socket, and
# leaves that folder in the variable NAME; in a setting, @ stands for it. WHO may log in without a password: all, or postgres
# alone. It ends with the script.
own_server() {
    local home
    home=$(as_server_user mktemp -d "/tmp/laurel-$1.XXXXXX")
    servers+=("$home")
    trap stop_servers EXIT
    trap 'exit 130' INT # also where what runs takes it for an error of its own
    as_server_user initdb -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >/dev/null
    key_files "$home" | as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
    as_server_user tee "$home/data/pg_hba.conf" <<<"local all $3 trust" >/dev/null
    printf '%s\n' "unix_socket_directories = '$home'" "listen_addresses = ''" "port = $2" 'shared_buffers = 64MB' "${@:4}" | sed "s|@|$home|" |
        as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
    as_server_user pg_ctl start -w -t 60 -D "$home/data" -l "$home/log" </dev/null >/dev/null ||
        fail "the server of this test did not start: $(as_server_user tail -n 5 "$home/log")"
    printf -v "$1" '%s' "$home"
}

stop_servers() {
    local home
    for home in "${servers[@]}"; do
        as_server_user pg_ctl stop -m immediate -D "$home/data" >/dev/null 2>&1 || true
        as_server_user rm -rf "$home"
    done
}
