#!/usr/bin/env bash
# Laurel's statements read and write its ordinary tables with ONLY, so that a table that inherits from one of them never
# joins in. Lists the places where it is missing; --write puts it there.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# The ordinary tables that migrations make, as alternatives of a pattern.
ordinary_tables() {
    perl -0777 -ne 'while (/^CREATE TABLE (?:laurel|laurel_internal)\.(\w+) \(.*?^\)([^;]*);/msg) { print "$1\n" unless $2 =~ /PARTITION BY/ }
                    while (/^CREATE TABLE (?:laurel|laurel_internal)\.(\w+) \([^\n]*\);$/mg) { print "$1\n" }' \
        sql/migrations/*.sql | sort -u | paste -sd '|'
}

tables=$(ordinary_tables)
export tables
place='(\b(?:FROM|JOIN|UPDATE) |Sql<\w+, ")(?=(?:laurel|laurel_internal)\.(?:$ENV{tables})\b(?! ?\())'
mapfile -t files < <(find extension sql/functions sql/migrations -name '*.cpp' -o -name '*.h' -o -name '*.sql')
if [ "${1:-}" = --write ]; then
    perl -pi -e "s/$place/\${1}ONLY /g" "${files[@]}"
    exit
fi
missing=$(perl -ne "print \"\$ARGV: \$_\" if /$place/" "${files[@]}")
[ -z "$missing" ] || fail "ONLY is missing:"$'\n'"$missing"
say "every statement on an ordinary table says ONLY"
