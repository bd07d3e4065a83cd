#!/usr/bin/env bash
# Personal values where a test in one transaction cannot look: the key file and its rights, what the server logs, who has
# said what for, rolled back and read-only reading, new keys, a crash, and restoring without the key. A server of its own.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/support/servers.sh
. test/support/servers.sh

passed=0
failed=0
check() { # NAME GOT PATTERN
    if [[ $2 =~ $3 ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not ok: %s\n  got:  %s\n  want: %s\n' "$1" "$2" "$3"
    fi
}

q() { psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d laurel "$@" 2>&1 | tr '\n' ' ' || true; }
# as ROLE USER SQL...: each SQL in one transaction.
as() {
    local role=$1 user=$2
    shift 2
    printf '%s\n' "BEGIN${READ_ONLY:+ READ ONLY};" "SELECT set_config('request.jwt.claims', '{\"sub\": \"$user\"}', true) \\g /dev/null" "SET LOCAL ROLE $role;" "$@" "${END:-COMMIT};" |
        psql -XqAt -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d laurel 2>&1 | tr '\n' ' ' || true
}
log_has() { as_server_user grep -cE "$1" "$home/log" || true; }

find_server
own_server server 54397 all 'max_prepared_transactions = 2' "log_statement = 'all'" 'log_min_duration_statement = 0' 'log_parameter_max_length = -1' 'log_parameter_max_length_on_error = -1' \
"shared_preload_libraries = 'auto_explain, pg_stat_statements'" 'pg_stat_statements.track = all' 'wal_level = logical' 'auto_explain.log_min_duration = 0' 'auto_explain.log_nested_statements = on' 'auto_explain.log_analyze = on' 'debug_print_plan = off'
home=$server
export PGHOST=$home PGPORT=54397 PGUSER=postgres PGDATABASE=laurel
key=$home/personal.key
psql -Xq -d postgres -c 'CREATE DATABASE laurel TEMPLATE template0'
PGOPTIONS='-c client_min_messages=warning' psql -Xq -d laurel -c 'CREATE EXTENSION laurel CASCADE' -c 'SELECT laurel.migrate()' -o /dev/null
psql -Xq -d laurel -c 'CREATE EXTENSION pg_stat_statements'
ana=a0000000-0000-0000-0000-00000000000a olga=a0000000-0000-0000-0000-00000000000b
q -c "INSERT INTO laurel.users (id, email) VALUES ('$ana', 'ana@x.test'), ('$olga', 'olga@x.test')" -c "INSERT INTO laurel.user_roles (user_id, role) VALUES ('$olga', 'org_admin')" >/dev/null

# The file.
write="UPDATE laurel.profiles SET address = 'Sonnweg 1' WHERE user_id = '$ana'"
check 'writes with a key' "$(q -c "$write RETURNING 'written'")" '^written'
spoil() { # NAME COMMAND PATTERN
    as_server_user cp -p "$key" "$key.kept"
    as_server_user bash -c "$2"
    check "$1" "$(q -c "$write")" "$3"
    as_server_user rm -rf "$key"
    as_server_user mv "$key.kept" "$key"
}
spoil 'refuses what its group reads' "chmod 640 $key" 'F0000.*others than its owner may read.*HINT:.*personal-key.sh'
spoil 'refuses what others write' "chmod 602 $key" 'F0000.*others than its owner'
spoil 'refuses a link' "mv $key $key.real; ln -s $key.real $key" 'F0000.*it is a symbolic link'
spoil 'refuses a folder' "rm $key; mkdir $key" 'F0000.*it is no ordinary file'
spoil 'does not wait for a pipe' "rm $key; mkfifo -m 600 $key" 'F0000.*it is no ordinary file'
spoil 'says that it is gone' "rm $key" 'F0000.*it is not there'
spoil 'refuses an empty file' ": >$key" 'F0000.*of line 1, it is empty'
spoil 'refuses a short key' "echo abc >$key" 'F0000.*of line 1, it has not 64 characters'
spoil 'refuses raw bytes' "head -c 32 /dev/urandom >$key" 'F0000.*of line 1'
spoil 'refuses an empty line' "echo >>$key" 'F0000.*of line 2, it is empty'
spoil 'refuses a blank' "sed -i 's/\$/ /' $key" 'F0000.*of line 1, it has not 64'
spoil 'refuses ends of lines of Windows' "sed -i 's/\$/\r/' $key" 'F0000.*Windows'
spoil 'refuses other digits' "sed -i 's/^./g/' $key" 'F0000.*no hexadecimal digit'
spoil 'refuses a key twice' "cat $key.kept >>$key" 'F0000.*of line 2, it is there twice'
spoil 'refuses zeros' "printf '0%.0s' {1..64} >$key" 'F0000.*not random'
spoil 'refuses a long file' "head -c 5000 /dev/zero >$key" 'F0000.*too long'
spoil 'takes a last line without an end' "printf %s \"\$(cat $key.kept)\" >$key; chmod 600 $key" '^$'
if [ "$(id -u)" -eq 0 ]; then
    cp -p "$key" "$key.kept" && chown root "$key"
    check 'refuses a file of another user' "$(q -c "$write")" 'F0000.*(does not belong|cannot be read)'
    chmod 644 "$key"
    check 'also one that it could read' "$(q -c "$write")" 'F0000.*does not belong'
    mv "$key.kept" "$key"
fi
# A session that has read it looks again at each statement.
again() { # NAME COMMAND PATTERN
    as_server_user cp -p "$key" "$key.kept"
    check "$1" "$(printf '%s\n' "$write RETURNING 'written';" "\\! $2" "$write RETURNING 'written again';" | psql -XqAt -v VERBOSITY=verbose -d laurel 2>&1 | tr '\n' ' ')" "^written $3"
    as_server_user mv -f "$key.kept" "$key"
}
again 'goes on with the file as it was' 'true' 'written again'
again 'sees that its rights have changed' "chmod 640 $key" 'ERROR:  F0000.*others than its owner'
again 'or that it is gone' "rm $key" 'ERROR:  F0000.*it is not there'
again 'or a link to the same file' "mv $key $key.real; ln -s $key.real $key" 'ERROR:  F0000.*it is a symbolic link'
again 'or other words of the same length' "sed 's/^./g/' $key >$key.new; cat $key.new >$key" 'ERROR:  F0000.*no hexadecimal digit'
check 'the path is for superusers' "$(as authenticated "$ana" 'SELECT laurel.uid();' 'SHOW laurel.personal_key_file;')" '42501'
check 'nobody names another' "$(q -c "SET laurel.personal_key_file = '/tmp/mine'" -c "$write")" '55P02|cannot be changed now'
check 'nor before the library is there' "$(q -c "SET laurel.personal_key_file = '/tmp/mine'; SELECT laurel.uuidv7() IS NOT NULL; SHOW laurel.personal_key_file")" 'personal.key|55P02'

# What others see.
q -c "UPDATE laurel.profiles SET phone = '+41 44 555 01' WHERE user_id = '$ana'" >/dev/null
q -c "SELECT phone FROM laurel.user_profiles" -c 'SELECT laurel.rotate_pii_key()' -c 'SELECT * FROM laurel.pii_keys()' -c "SELECT laurel.find_personal('laurel.profiles', 'phone', '1')" >/dev/null
bytes=$(as_server_user head -n 1 "$key")
check 'no log line holds the key' "$(log_has "$bytes")" '^0$'
check 'no log line calls pgcrypto' "$(log_has 'pgp_sym')" '^0$'
check 'clear values are in the lines of who has written them alone' "$(as_server_user grep -E 'Sonnweg 1|555 01' "$home/log" | grep -cvE 'UPDATE laurel.profiles SET' || true)" '^0$'
check 'no statement that is counted holds a key, a value or what is found by' "$(q -c "SELECT count(*), string_agg(left(query, 300), '; ') FILTER (WHERE query ~ '$bytes|Sonnweg|555 01' OR query ~ 'pgp_sym' AND query !~ 'CREATE FUNCTION') IS NULL, count(*) FILTER (WHERE query ~ 'personal_digests') > 0 FROM pg_stat_statements")" '^[1-9][0-9]*\|t\|t '
check 'no password is in what runs' "$(q -c "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pgp_|$bytes'")" '^1 |^0'
q -c CHECKPOINT >/dev/null
check 'no file of the database holds a value' "$(as_server_user grep -rlaE '555 01|Sonnweg 1' "$home/data/base" | wc -l)" '^0$'
check 'nor the log of writes' "$(as_server_user grep -rlaE '555 01|Sonnweg 1' "$home/data/pg_wal" | wc -l)" '^0$'

# Reading.
address="SELECT 'got ' || address FROM laurel.user_profiles WHERE user_id = '$ana';"
check 'oneself reads' "$(as authenticated "$ana" "$address")" 'got Sonnweg 1'
check 'and leaves a line' "$(q -c "SELECT activity, columns, row_count FROM laurel.processing_log WHERE actor_id = '$ana'")" '^read\|\{address\}\|1 $'
check 'oneself reads where nothing can be written' "$(READ_ONLY=1 as authenticated "$ana" "$address")" 'got Sonnweg 1'
check 'an administrator says what for' "$(as authenticated "$olga" "$address")" '42501.*purpose.*HINT:.*reading_for'
check 'not in the same transaction' "$(as authenticated "$olga" "SELECT FROM laurel.reading_for('a call');" "$address")" '42501.*HINT:  Commit'
check 'what was not committed does not hold' "$(as authenticated "$olga" "$address")" '42501'
as authenticated "$olga" "SELECT FROM laurel.reading_for('a call', '$ana');" >/dev/null
check 'but what was' "$(as authenticated "$olga" "$address")" 'got Sonnweg 1'
check 'with a line that says for what' "$(q -c "SELECT activity, purpose, user_id FROM laurel.processing_log WHERE actor_id = '$olga' ORDER BY created_at")" "^announce\|a call\|$ana read\|a call\|$ana "
check 'also where nothing can be written' "$(READ_ONLY=1 as authenticated "$olga" "$address")" 'got Sonnweg 1'
END=ROLLBACK as authenticated "$olga" "$address" >/dev/null
check 'whoever rolls back has said so before' "$(q -c "SELECT count(*) FROM laurel.processing_log WHERE actor_id = '$olga' AND activity = 'announce'")" '^1 '
q -c "UPDATE laurel.profiles SET address = 'Olgaweg' WHERE user_id = '$olga'; INSERT INTO laurel.users (id, email) VALUES ('a0000000-0000-0000-0000-00000000000c', 'ben@x.test'); UPDATE laurel.profiles SET address = 'Benweg' WHERE user_id::text LIKE '%c'" >/dev/null
export="SELECT 'got ' || (laurel.export_user('$ana') #>> '{profile,0,address}');"
check 'an export shows it to who has said what for' "$(as authenticated "$olga" "$export")" 'got Sonnweg 1'
check 'and says so' "$(q -c "SELECT activity, purpose, user_id FROM laurel.processing_log WHERE activity = 'export'")" "^export\|a call\|$ana $"
check 'of one member is not of another' "$(as authenticated "$olga" "SELECT address FROM laurel.user_profiles;")" '42501'
dan=a0000000-0000-0000-0000-00000000000d
q -c "INSERT INTO laurel.users (id, email) VALUES ('$dan', 'dan@x.test'); UPDATE laurel.profiles SET address = 'Danweg' WHERE user_id = '$dan'" \
    -c "CREATE TABLE public.kept AS SELECT * FROM laurel.profiles WHERE user_id = '$dan'; GRANT SELECT ON public.kept TO authenticated" >/dev/null
as authenticated "$olga" "SELECT FROM laurel.reading_for('another call');" >/dev/null
kept="SELECT 'got ' || laurel_internal.personal_text(address_sealed, 'laurel.profiles', 'address', organization_id, user_id, user_id) FROM public.kept;"
check 'what somebody has kept of a member opens as long as he is one' "$(as authenticated "$olga" "$kept")" 'got Danweg'
q -c "DELETE FROM laurel.users WHERE id = '$dan'" >/dev/null
check 'and not when he is gone' "$(as authenticated "$olga" "$kept")" '^ $'
check 'the back end reads where it can write' "$(q -c "SET ROLE service_role; $address")" 'got Sonnweg 1'
check 'and is written down' "$(q -c "SELECT count(*) FROM laurel.processing_log WHERE role = 'service_role' AND activity = 'read'")" '^1 '
check 'not where it cannot' "$(q -c "SET ROLE service_role" -c 'BEGIN READ ONLY' -c "$address")" '25006.*HINT:.*reading_for'
q -c "SET ROLE service_role" -c "BEGIN" -c "$address" -c 'ROLLBACK' >/dev/null
check 'what it rolls back is in the log of the server' "$(log_has 'personal values of 1 people were read from laurel.profiles in a transaction that was rolled back')" '^1$'
# One statement each: a transaction's end must not end psql.
undone() { printf '%s\n' 'SET ROLE service_role;' "$@" | psql -Xq -d laurel >/dev/null 2>&1 || true; }
undone 'BEGIN;' "$address" "PREPARE TRANSACTION 'p';" "ROLLBACK PREPARED 'p';"
check 'or prepares' "$(log_has 'personal values of 1 people were read from laurel.profiles in a transaction that is prepared')" '^1$'
undone 'BEGIN;' 'CREATE TEMP TABLE t ();' "$address" "PREPARE TRANSACTION 'p';"
check 'or cannot prepare' "$(log_has 'personal values of 1 people were read from laurel.profiles in a transaction that was rolled back')" '^2$'
undone 'BEGIN;' "SELECT laurel.export_user('$ana');" 'ROLLBACK;'
check 'or exports' "$(log_has ' rows about 1 people were exported in a transaction that was rolled back')" '^1$'
exports="SELECT count(*) FROM laurel.processing_log WHERE role = 'service_role' AND activity = 'export'"
undone 'BEGIN;' 'SAVEPOINT s;' "SELECT laurel.export_user('$ana');" 'ROLLBACK TO s;' 'COMMIT;'
check 'a savepoint takes no line along' "$(q -c "$exports")" '^1 '
undone 'BEGIN;' 'SAVEPOINT s;' 'SAVEPOINT r;' "SELECT laurel.export_user('$ana');" 'RELEASE r;' 'ROLLBACK TO s;' 'COMMIT;'
check 'nor one in another' "$(q -c "$exports")" '^2 '
undone 'BEGIN;' 'SAVEPOINT s;' "SELECT laurel.export_user('$ana');" 'RELEASE s;' 'COMMIT;'
check 'and none leaves two' "$(q -c "$exports")" '^3 '
END=ROLLBACK as authenticated "$olga" "SELECT laurel.export_user('$ana');" >/dev/null
check 'nor does an administrator export unseen' "$(log_has ' rows about 1 people were exported in a transaction that was rolled back')" '^2$'
q -c "SET ROLE service_role" -c "SELECT FROM laurel.reading_for('reminders')" >/dev/null
check 'unless it has said so' "$(q -c "SET ROLE service_role" -c 'BEGIN READ ONLY' -c "$address")" 'got Sonnweg 1'
q -c "INSERT INTO laurel.users (email) SELECT n || '@many.test' FROM generate_series(1, 1200) n; UPDATE laurel.profiles SET address = 'x' WHERE address_sealed IS NULL" >/dev/null
q -c "SET ROLE service_role" -c "SELECT count(address) FROM laurel.user_profiles" >/dev/null
check 'very many people have one line' "$(q -c "SELECT count(*), max(row_count) FROM laurel.processing_log WHERE role = 'service_role' AND activity = 'read' AND user_id IS NULL")" '^1\|1203 '

# Looking for a value.
find="SELECT count(*) FROM laurel.find_personal('laurel.profiles', 'phone', '+41 44 555 01');"
searched="SELECT activity, table_name, columns, row_count, user_id IS NULL, organization_id IS NULL, role FROM laurel.processing_log WHERE activity = 'search' AND role = 'service_role'"
q -c 'SET ROLE service_role' -c "SELECT count(*) FROM unnest('{+41 44 555 01, nobody}'::text[]) v, laurel.find_personal('laurel.profiles', 'phone', v)" >/dev/null
check 'who looks for a value leaves a line a transaction' "$(q -c "$searched")" '^search\|laurel.profiles\|\{phone\}\|1\|t\|t\|service_role $'
check 'without the value' "$(q -c "SELECT count(*) FROM laurel.processing_log l WHERE l::text ~ '555 01'")" '^0 '
check 'where nothing can be written too' "$(q -c 'SET ROLE service_role' -c 'BEGIN READ ONLY' -c "$find" -c COMMIT)" '^1 '
check 'which the server tells' "$(log_has 'personal values of laurel.profiles were looked for, and 1 found, in a transaction that could not write')" '^1$'
undone 'BEGIN;' "$find" 'ROLLBACK;'
check 'as it does of what was rolled back' "$(log_has 'personal values of laurel.profiles were looked for, and 1 found, in a transaction that was rolled back')" '^1$'

# New keys.
before=$(q -c "SELECT key FROM laurel.pii_keys()")
as_server_user bash -s -- --add "$key" <scripts/personal-key.sh
check 'a key is added without a restart' "$(q -c "SELECT is_active, is_there, value_count FROM laurel.pii_keys()")" '^t\|t\|0 f\|t\|1204 '
check 'and proven by it' "$(q -c "SELECT count(*) FROM laurel.check('laurel.profiles')")" '^0 '
check 'older ones read' "$(q -c "$address")" 'got Sonnweg 1'
check 'and find' "$(q -c "SELECT count(*) FROM laurel.find_personal('laurel.profiles', 'phone', '+41 44 555 01')")" '^1 '
check 'values are encrypted anew in batches' "$(q -c 'SELECT laurel.rotate_pii_key(1000)' -c 'SELECT laurel.rotate_pii_key(1000)' -c 'SELECT laurel.rotate_pii_key(1000)')" '^1000 203 0 '
check 'all of them' "$(q -c "SELECT is_active, is_there, value_count FROM laurel.pii_keys()")" '^t\|t\|1204 f\|t\|0 '
as_server_user sed -i 2d "$key"
check 'the older one may go' "$(q -c "$address" -c "SELECT count(*) FROM laurel.find_personal('laurel.profiles', 'phone', '+41 44 555 01')")" 'got Sonnweg 1 1 '

# A copy by logical replication: values arrive as they are kept, and open where the key is.
own_server copy 54398 all 'wal_level = logical'
c() { psql -XqAt -v VERBOSITY=verbose -h "$copy" -p 54398 -d laurel "$@" 2>&1 | tr '\n' ' '; }
psql -Xq -h "$copy" -p 54398 -d postgres -c 'CREATE DATABASE laurel TEMPLATE template0'
pg_dump --schema-only -d laurel | PGOPTIONS='-c client_min_messages=warning' psql -Xq -h "$copy" -p 54398 -d laurel -v ON_ERROR_STOP=1 -o /dev/null
q -c 'CREATE PUBLICATION laurel FOR TABLES IN SCHEMA laurel, laurel_internal WITH (publish_via_partition_root = true)' >/dev/null
c -c "CREATE SUBSCRIPTION laurel CONNECTION 'host=$home port=54397 user=postgres dbname=laurel' PUBLICATION laurel" >/dev/null
caught_up() { # waits until what was written is there
    local end
    end=$(q -c 'SELECT pg_current_wal_lsn()')
    for _ in $(seq 300); do
        [[ $(c -c "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'") != '0 ' ]] ||
            [[ $(q -c "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'laurel' AND replay_lsn >= '${end% }'") != '1 ' ]] || return 0
        sleep 0.2
    done
}
caught_up
q -c "UPDATE laurel.profiles SET phone = '+41 44 555 02' WHERE user_id = '$ana'" >/dev/null
caught_up
check 'a copy holds what is encrypted' "$(c -c "SELECT count(*), count(phone_sealed), count(phone) FROM laurel.profiles WHERE user_id = '$ana'")" '^1\|1\|0 '
check 'which another key does not open' "$(c -c "$address")" 'F0000.*It was encrypted with key'
as_server_user cp -p "$key" "$copy/personal.key"
check 'and that of the publisher does' "$(c -c "$address")" 'got Sonnweg 1'
check 'what is changed arrives, and is found' "$(c -c "SELECT count(*) FROM laurel.find_personal('laurel.profiles', 'phone', '+41 44 555 02')" -c "SELECT count(*) FROM laurel.find_personal('laurel.profiles', 'phone', '+41 44 555 01')" -c "SELECT count(*) FROM laurel.check('laurel.profiles')")" '^1 0 0 '
check 'nothing in clear was sent' "$(as_server_user grep -rlaE '555 0[12]|Sonnweg 1' "$home/data/pg_wal" "$copy/data/base" "$copy/data/pg_wal" | wc -l)" '^0$'
c -c 'DROP SUBSCRIPTION laurel' >/dev/null
q -c "UPDATE laurel.profiles SET phone = '+41 44 555 01' WHERE user_id = '$ana'" >/dev/null

# A crash, and a restore.
as_server_user pg_ctl stop -m immediate -D "$home/data" >/dev/null
as_server_user pg_ctl start -w -D "$home/data" -l "$home/log" </dev/null >/dev/null
check 'values outlive a crash' "$(q -c "$address")" 'got Sonnweg 1'
pg_dump -d laurel -Fc -f "$home/dump" 2>/dev/null || pg_dump -d laurel -Fc >"/tmp/personal-$$.dump"
dump=$home/dump && [ -f "$dump" ] || dump=/tmp/personal-$$.dump
as_server_user mv "$key" "$key.away"
psql -Xq -d postgres -c 'CREATE DATABASE restored TEMPLATE template0'
check 'restores without the key' "$(pg_restore -d restored "$dump" 2>&1 | grep -c 'ERROR' || true)" '^0$'
PGDATABASE=restored
r() { psql -XqAt -v VERBOSITY=verbose -d restored "$@" 2>&1 | tr '\n' ' '; }
check 'values cannot be read then' "$(r -c "$address")" 'F0000.*it is not there'
as_server_user bash -s -- "$key" <scripts/personal-key.sh
check 'nor with another one, which says which it is' "$(r -c "$address")" 'F0000.*the key of a personal value is not there.*DETAIL:  It was encrypted with key [0-9a-f]{8}.*HINT:  Put key [0-9a-f]{8} back'
check 'what is missing is listed' "$(r -c "SELECT is_active, is_there, value_count FROM laurel.pii_keys()")" 't\|t\|0 f\|f\|1204 '
check 'all else works' "$(r -c "UPDATE laurel.profiles SET bio = 'x', phone = '1' WHERE user_id = '$olga' RETURNING bio")" '^x'
as_server_user bash -c "cat $key.away >>$key"
check 'nothing is lost' "$(r -c "$address")" 'got Sonnweg 1'
rm -f "/tmp/personal-$$.dump"

# None at all.
as_server_user sed -i "/personal_key_file/d" "$home/data/postgresql.conf"
psql -Xq -d laurel -o /dev/null -c 'SELECT pg_reload_conf()' && sleep 0.5
check 'without a key nothing is written in clear' "$(q -c "$write")" 'F0000.*there is no key.*HINT:.*personal_key_file'
check 'and all else works' "$(q -c "UPDATE laurel.profiles SET bio = 'x' WHERE user_id = '$ana' RETURNING bio; SELECT laurel.rotate_pii_key()")" '^x 0 '
check 'a value says which key it needs' "$(q -c "$address")" 'F0000.*It was encrypted with key'

tally "$passed" "$failed"
