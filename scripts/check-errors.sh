#!/usr/bin/env bash
# No error that a user can cause is one of the server's own: PostgREST answers classes 55, 58 and XX with HTTP 500, which
# tells a client to try the same again. Lists where the sources name such a class, or none at all, beside the exceptions
# below; an exception that nothing needs any more is listed too. A state that conflicts is kConflict (PT409).
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# File, what it says, why it may.
exceptions() {
    cat <<'LIST'
extension/assessments/beginning.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
extension/audit/seal.cpp|ERRCODE_INTERNAL_ERROR|the server has no SHA-256
extension/credentials/issuing.cpp|elog|the server has no random values
extension/credentials/keys.cpp|ERRCODE_INTERNAL_ERROR|the server has no Ed25519
extension/credentials/proof.cpp|elog|a key that Laurel has not made
extension/credentials/quads.cpp|elog|a document that Laurel has not made
extension/credentials/status_list.cpp|elog|the server has no memory for zlib
extension/deliveries/attachments.cpp|ERRCODE_INTERNAL_ERROR|what an attachment says is of the message alone, and never reaches a client
extension/deliveries/claim.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
extension/deliveries/endpoints.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
extension/deliveries/errors.cpp|ERRCODE_INTERNAL_ERROR|looks at errors of others
extension/deliveries/failed.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
extension/deliveries/unsubscribe.cpp|ERRCODE_INTERNAL_ERROR|the server has no HMAC
extension/error_logs/error_logs.cpp|elog|the server has no SHA-256
extension/guards/counting.cpp|elog|a row goes in spite of its lock
extension/guards/arguments.cpp|elog|the server has no room for rows
extension/migrations/migrator.cpp|ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE|of laurel.migrate(), which no client may call
extension/points/entry_words.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values, or no SHA-256
extension/points/post_entry.cpp|ERRCODE_INTERNAL_ERROR|the server has no SHA-256
extension/points/replay.cpp|ERRCODE_DATA_CORRUPTED|somebody went past the rules and destroyed a ledger
extension/points/references.cpp|elog|a reference type is looked at before its check is prepared
extension/points/transactions.cpp|ERRCODE_DATA_CORRUPTED|somebody went past the rules and destroyed a ledger
extension/postgres/bridge.h|ERRCODE_INTERNAL_ERROR|an exception that is nobody's
extension/postgres/domain_name.cpp|ERRCODE_INTERNAL_ERROR|ICU has no data
extension/postgres/halving.h|ERRCODE_SYSTEM_ERROR|looks at errors of others
extension/postgres/owner.cpp|elog|a table goes in spite of its lock
extension/postgres/hash.h|ERRCODE_INTERNAL_ERROR|the server has no SHA-256
extension/postgres/json_value.cpp|elog|the server has no SHA-256
extension/postgres/parameters.h|elog|a mistake in the code
extension/postgres/result_row.h|elog|a declaration that does not fit the code
extension/postgres/row_set.h|elog|the server has no room for rows
extension/postgres/spi.cpp|elog|a statement of Laurel's that does not fit the server
extension/postgres/table_locks.cpp|ERRCODE_LOCK_NOT_AVAILABLE|LOCK TABLE NOWAIT answers so everywhere
extension/postgres/token.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
extension/postgres/trigger.cpp|elog|the server has no room for rows
extension/postgres/uuid_numbers.h|elog|the server has no room for so many rows
extension/retention/archiver.cpp|elog|a check of retention_policies comes first
extension/retention/policy.cpp|elog|a statement of Laurel's that does not fit the server
extension/retention/runs.cpp|elog|the server cannot look at its constraints
extension/retention/tally.cpp|ERRCODE_LOCK_NOT_AVAILABLE|looks at errors of others
extension/secrets/envelope.cpp|ERRCODE_DATA_CORRUPTED|somebody went past the rules and changed an encrypted value
extension/secrets/envelope.cpp|elog|the server has no HMAC
extension/seals/proof.cpp|ERRCODE_INTERNAL_ERROR|the server has no SHA-256
extension/seals/sealing.cpp|ERRCODE_INTERNAL_ERROR|the server has no SHA-256
extension/uuidv7.cpp|ERRCODE_INTERNAL_ERROR|the server has no random values
sql/seeds/production.sql|object_not_in_prerequisite_state|read by psql, for whoever installs
LIST
}

# Prints file|what for each place: a name of such a class, a report without a class, a class in figures.
places() {
    # shellcheck disable=SC2016
    perl -0777 -ne '
        BEGIN {
            local $/;
            open my $codes, "<", $ENV{codes} or die "$ENV{codes}: $!";
            my $text = <$codes>;
            $bad{$1} = 1 while $text =~ /#define (ERRCODE_\w+)\s+MAKE_SQLSTATE\(\x27(?:5\x27,\x275|5\x27,\x278|X\x27,\x27X)/g;
            die "no class in $ENV{codes}" unless %bad;
            %raised = map { lc(s/^ERRCODE_//r) => 1 } keys %bad;
        }
        s{//[^\n]*|^\s*--[^\n]*}{}gm;
        print "$ARGV|$1\n" x !!$bad{$1} while /\b(ERRCODE_\w+)/g;
        print "$ARGV|elog\n" while /\belog\((?:ERROR|FATAL|PANIC)\b/g;
        print "$ARGV|ereport without errcode\n" while /\bereport\(ERROR,(?!\s*\(?\s*errcode\()/g;
        print "$ARGV|$&\n" while /MAKE_SQLSTATE\(\x27(?:5\x27, ?\x27[58]|X\x27, ?\x27X)/g;
        if ($ARGV =~ /\.sql$/) {
            print "$ARGV|$1\n" x !!$raised{lc $1} while /\bRAISE\s+(\w+)/gi;
            print "$ARGV|$1\n" x !!$raised{lc $1} while /\bERRCODE\s*=\s*\x27?(\w+)/gi;
            print "$ARGV|$1\n" while /\b(?:ERRCODE\s*=|RAISE\s+SQLSTATE)\s*\x27((?:55|58|XX)...)\x27/gi;
        }' "$@" | sort -u
}

find_server
codes=$("$pg_config" --includedir-server)/utils/errcodes.h
export codes
mapfile -t files < <(find extension sql -name '*.cpp' -o -name '*.h' -o -name '*.sql' | LC_ALL=C sort)
found=$(places "${files[@]}")
listed=$(exceptions | cut -d '|' -f 1,2 | sort -u)
unknown=$(comm -23 <(echo "$found") <(echo "$listed"))
unneeded=$(comm -13 <(echo "$found") <(echo "$listed"))
# Prints the SQLSTATE of each name that a refusal gives; those of the server itself are told to no client.
raised() {
    # shellcheck disable=SC2016
    grep -rhoE '(sqlstate = |errcode\()(ERRCODE_|k[A-Z])\w+' extension | sed -E 's/.*[( ]//' | sort -u |
        perl -e '
            for my $file ($ENV{codes}, "extension/postgres/error.h") {
                open my $text, "<", $file or die "$file: $!";
                while (<$text>) {
                    next unless my ($name, $letters) = /(ERRCODE_\w+|k[A-Z]\w+)[ =]+MAKE_SQLSTATE\(([^)]*)\)/;
                    $state{$name} = join "", $letters =~ /\w/g;
                }
            }
            while (<STDIN>) {
                chomp;
                die "$_ is no SQLSTATE" unless $state{$_};
                print "$state{$_}\n" unless $state{$_} =~ /^(?:5[358]|XX)/;
            }'
}

told=$(raised | sort -u)
untold=$(comm -23 <(echo "$told") <(grep -E '^\| [0-9A-Z]{5}[ ,]' docs/clients.md | cut -d '|' -f 2 | grep -oE '[0-9A-Z]{5}' | sort -u))
[ -z "$untold" ] || fail "SQLSTATEs that docs/clients.md has no line for:"$'\n'"$untold"
[ -z "$unknown" ] || fail "errors that PostgREST answers with HTTP 500:"$'\n'"$unknown"
[ -z "$unneeded" ] || fail "exceptions that nothing needs:"$'\n'"$unneeded"
say "no error that a user can cause is one of the server's own"
