#!/usr/bin/env bash
# Makes a key for personal values or credentials: personal-key.sh FILE makes the file that laurel.personal_key_file or
# laurel.credential_key_file names, readable for the user who runs this alone, who must be the server's; personal-key.sh
# --add FILE puts a new key before those that are there, so that it encrypts or signs from now on. The key is printed nowhere.
set -euo pipefail
umask 077

fail() {
    echo "personal-key.sh: $1" >&2
    exit 1
}

add=no
[ "${1:-}" != --add ] || { add=yes && shift; }
[ $# -eq 1 ] && [ -n "$1" ] || fail "usage: personal-key.sh [--add] FILE"
file=$1
[ "$add" = yes ] || [ ! -e "$file" ] || fail "$file is there already: --add puts a new key before those in it"
[ "$add" = no ] || [ -f "$file" ] || fail "$file is not there"

# Written whole beside it, then put in its place, so that no reader finds half of it.
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$new"
echo >>"$new"
[ "$add" = no ] || cat "$file" >>"$new"
mv "$new" "$file"
