#!/usr/bin/env bash
# Laurel in databases of other locales, whose lower case of I is another letter: all is as in a database without one.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/support/servers.sh
. test/support/servers.sh

out=$root/build/test-locales

# make NAME LOCALE makes a database of that locale of ICU, or of the C library where it begins with libc:.
make() {
    local locale="LOCALE_PROVIDER icu ICU_LOCALE '$2' LOCALE 'C.UTF-8'"
    [[ $2 != libc:* ]] || locale="LOCALE_PROVIDER libc LOCALE '${2#libc:}'"
    sql -c "CREATE DATABASE $1 TEMPLATE template0 $locale"
    sql -d "$1" -o /dev/null -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()'
}

folds_otherwise() {
    is "$(sql -d "$1" -c "SELECT lower('I') = 'i'")" f
}

# What Laurel has made and calls by name.
names() {
    sql -d "$1" <<'SQL'
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE "C", tgname;
SELECT tablename, policyname, cmd FROM pg_policies WHERE schemaname ~ '^laurel' ORDER BY 1, 2;
SQL
}

# What people write, and what becomes of it.
written() {
    sql -d "$1" -v ON_ERROR_STOP=0 <<'SQL' 2>&1 | sed 's/^psql:.*ERROR/ERROR/'
INSERT INTO laurel.organizations (id, name, slug, domain, time_zone) VALUES ('a0000000-0000-0000-0000-000000000000', 'Acme', 'ACME-INSTITUTE', 'INSTITUTE.TEST', 'ASIA/ISTANBUL');
SELECT slug, domain, time_zone FROM laurel.organizations ORDER BY slug COLLATE "C";
INSERT INTO laurel.users (id, organization_id, email) VALUES ('a0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'INFO.I@INSTITUTE.TEST');
INSERT INTO laurel.users (organization_id, email) VALUES ('a0000000-0000-0000-0000-000000000000', 'info.i@institute.test');
INSERT INTO laurel.users (organization_id, email) SELECT 'a0000000-0000-0000-0000-000000000000', e FROM unnest(ARRAY[U&'\0130nfo.i@institute.test', U&'\0131nfo.i@institute.test', U&'\00ccNFO@INSTITUTE.TEST']) e;
SELECT email FROM laurel.users ORDER BY email COLLATE "C";
SELECT laurel.set_password('a0000000-0000-0000-0000-000000000001', 'correct horse');
SELECT e, laurel.verify_password(e, 'correct horse') FROM unnest(ARRAY['info.i@institute.test', 'Info.I@Institute.Test', 'INFO.I@INSTITUTE.TEST', U&'\0130nfo.i@institute.test', U&'\0131nfo.i@institute.test']) e;
UPDATE laurel.user_preferences SET language = 'ID-LATN-IN', time_zone = 'INDIAN/CHRISTMAS' WHERE user_id = 'a0000000-0000-0000-0000-000000000001' RETURNING language, time_zone;
UPDATE laurel.user_preferences SET time_zone = 'INDIAN/CHRISTMIS';
INSERT INTO laurel.badges (organization_id, badge_name) VALUES ('a0000000-0000-0000-0000-000000000000', 'FIRST INSIGHT') RETURNING slug;
SELECT (laurel.award_badge_named('a0000000-0000-0000-0000-000000000001', 'FIRST-INSIGHT')).balance_after;
SELECT laurel.record_points_transactions('[{"USER_ID": 1}]');
INSERT INTO laurel.webhook_endpoints (organization_id, url, secret) SELECT id, 'HTTPS://HOOKS.INSTITUTE.TEST/I', 'whsec_' || encode(sha256('x'), 'base64') FROM laurel.organizations WHERE name = 'Acme' RETURNING url;
SELECT * FROM laurel.check();
SQL
}

same() {
    "$1" "$2" >"$out/$1.$2"
    diff "$out/$1.plain" "$out/$1.$2"
}

mkdir -p "$out"
find_server
passed=0 failed=0
own_server abroad 54395 all 'fsync = off'
export PGHOST=$abroad PGPORT=54395 PGUSER=postgres PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'

make plain libc:C.UTF-8
names plain >"$out/names.plain"
written plain >"$out/written.plain"
locales=(tr az libc:tr_TR.UTF-8)
for locale in "${locales[@]}"; do
    database=${locale//[^a-zA-Z]/_} database=${database,,}
    [[ $locale != libc:* ]] || locale -a | grep -qix "tr_TR.utf-\?8" || continue
    make "$database" "$locale"
    check "$locale has another lower case" folds_otherwise "$database"
    check 'under which things have the same names' same names "$database"
    check 'and addresses, slugs, zones, tags and keys the same form' same written "$database"
done
check 'one address of two spellings is one' test "$(grep -c 'users_email_key' "$out/written.plain")" = 1
tally "$passed" "$failed"
