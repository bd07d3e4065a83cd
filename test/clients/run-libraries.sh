#!/usr/bin/env bash
# Real clients: the program that each page of docs/clients shows, and then the wrong things, whose errors must arrive whole.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"

# As a reader sees it: psql names the file before an error, and pads its lines.
in_psql() {
    psql -X -q -v SHOW_CONTEXT=never "$DATABASE_URL" -f "$1" 2>&1 | sed -e 's/^psql:[^ ]* //' -e 's/ *$//'
}

# From the README, and from the page about all of them.
pages_are_listed() {
    local page
    for page in docs/clients/*.md; do
        if ! grep -qF "($page)" README.md || ! grep -qF "(${page#docs/})" docs/clients.md; then
            echo "$page"
            return 1
        fi
    done
}

# What a client does wrong who was not told: columns that are filled, keys of upserts, whose organization, who migrates.
pages_say() {
    local page part
    # shellcheck disable=SC2016
    for page in docs/clients/*.md; do
        [[ $page != */operations.md ]] || continue
        for part in 'fills|`laurel_internal\.assigned\(\)`' '[Uu]psert|on_conflict' "the user's home" 'SELECT laurel\.migrate\(\)'; do
            tr '\n' ' ' <"$page" | sed 's/  */ /g' | grep -E "$part" >/dev/null || {
                echo "$page does not say: $part"
                return 1
            }
        done
    done
}

find_server
clients_server libraries
check 'every page is one click away' pages_are_listed
check 'and says what one must know' pages_say
check 'psql.md shows what comes out' prints_what_it_says psql sql in_psql
check 'psycopg.md' prints_what_it_says psycopg python "$python"
check 'psycopg: errors arrive whole' on_people "$python" test/clients/psycopg_errors.py
check 'sqlalchemy.md' prints_what_it_says sqlalchemy python "$python"
check 'SQLAlchemy: mapped classes work and errors arrive whole' on_people "$python" test/clients/sqlalchemy_errors.py
check 'django.md' prints_what_it_says django python "$python"
check 'Django: errors arrive whole' on_people "$python" test/clients/django_errors.py
check 'rails.md' prints_what_it_says rails ruby ruby
check 'ActiveRecord: errors arrive whole' on_people ruby test/clients/activerecord_errors.rb
check 'and the ledger is sound' is "$(sql -c 'SELECT count(*) FROM laurel.verify_ledger()')" 0
tally "$passed" "$failed"
