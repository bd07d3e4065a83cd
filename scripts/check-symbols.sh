#!/usr/bin/env bash
# Checks that a module (laurel.so unless named) exports its SQL entry points and nothing else that could collide.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

module=${1:-laurel.so}
if [ ! -f "$module" ]; then
    say "$module is missing: run make"
    tally 0 1
fi

# Mangled names of the standard library: tables, guards, locals and members of std and __gnu_cxx, and placement new.
library='^_Z((GV|GR|TV|TT|TI|TS)?Z?N?V?K?[RO]?(S[tabsiod]|9__gnu_cxx)|nw|na|dl|da)'

# Prints symbols that are neither an entry point with its pg_finfo_, nor the module's frame, nor where a parallel worker begins,
# which the server finds by its name, nor the library's weak ones.
offenders() {
    nm -D --defined-only "$1" | awk -v library="$library" '
        { type[$NF] = $(NF - 1) }
        END {
            for (name in type) {
                entry = name
                sub(/^pg_finfo_/, "", entry)
                if (name ~ /^(Pg_magic_func|_PG_init|_PG_fini)$/) continue
                if (name ~ /^laurel_[a-z_]+_worker$/) continue
                if (entry in type && ("pg_finfo_" entry) in type) continue
                if (type[name] ~ /^[WVuwv]$/ && name ~ library) continue
                print type[name], name
            }
        }' | sort | c++filt
}

nm -D --defined-only "$module" | grep ' Pg_magic_func$' >/dev/null || fail "$module is no module of PostgreSQL: it exports no Pg_magic_func"
found=$(offenders "$module")
if [ -n "$found" ]; then
    say "$module exports what is no SQL entry point:"
    echo "$found"
    tally 0 "$(wc -l <<<"$found")"
fi
tally "$(nm -D --defined-only "$module" | grep -c ' pg_finfo_')" 0
