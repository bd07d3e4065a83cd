#!/usr/bin/env bash
# Credentials as others meet them: verified by libraries that share no code with Laurel, before and after they are revoked and
# the key is another; the worker's pages and certificates; the key file. A server of its own. What needs the npm registry is
# skipped only where that cannot be reached.
# shellcheck disable=SC2154
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

name=credentials
# shellcheck source=test/worker/support/harness.sh
. "$root/test/worker/support/harness.sh"
libraries=$root/build/credentials
acme=a0000000-0000-0000-0000-000000000000

install_libraries() {
    cmp -s test/credentials/package-lock.json "$libraries/installed.json" && return
    mkdir -p "$libraries"
    cp test/credentials/package{,-lock}.json "$libraries"
    npm ci --prefix "$libraries" --cache "$root/build/npm" --ignore-scripts --no-audit --no-fund --prefer-offline >"$libraries/npm.log" 2>&1 || return 1
    cp test/credentials/package-lock.json "$libraries/installed.json"
}

tell_npm() {
    tail -n 5 "$libraries/npm.log"
    return 1
}

# Names and texts that are hard to write down: quotes, backslashes, controls, other scripts, what is beyond 16 bits, long ones.
make_badges() {
    sql -v acme=$acme <<'SQL'
INSERT INTO laurel.organizations (id, name) VALUES (:'acme', 'Acme');
INSERT INTO laurel.users (id, organization_id, email, full_name)
SELECT ('a0000000-0000-0000-0000-0000000000' || lpad(n::text, 2, '0'))::uuid, :'acme', 'u' || n || '@acme.test', 'Jo <b>"Ünïcode" مرحبا</b>' FROM generate_series(1, 12) n;
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, description, url, contact, image, base_url)
VALUES (:'acme', 'did:web:acme.test', 'Acme "&" <Sons>', 'Line' || E'\n' || 'two', 'https://acme.test/?a=1&b=[2]', 'office@acme.test', 'https://acme.test/logo.png', 'https://badges.acme.test');
CREATE TABLE public.cases (n integer, badge_name text, description text, narrative text, icon text, evidence text, url text);
INSERT INTO public.cases VALUES
    (1, 'plain', NULL, 'x', NULL, NULL, NULL),
    (2, 'quotes "\" \\ ''', E'a\nb\r\nc\td', E'\u0001\u001f\u007f\u0085', 'https://acme.test/i.png', 'e', NULL),
    (3, 'مرحبا עברית', '🎓 𝔘𝔫𝔦', E'\uffff\ufffe\ufffd\ue000', 'https://acme.test/logo.png', NULL, 'https://acme.test/e'),
    (4, ' ', E'\n', E'\r\n', 'star', E'\u200b', 'https://acme.test/logo.png'),
    (5, repeat('w', 200), repeat('𝔘', 20000), repeat(E'\\', 20000), NULL, repeat('"', 2000), 'https://acme.test/' || repeat('x', 1900)),
    (6, 'e' || E'\u0301' || ' and é', '{"a": [1, null]}', '<script>alert(1)</script>', 'https://acme.test/a b', 'x', NULL),
    (7, 'revoked', 'd', 'n', NULL, NULL, NULL), (8, '_:c14n0', '^^<http://x>', '@en . ', 'https://acme.test/<x>', '_:b0', NULL);
INSERT INTO laurel.badges (id, organization_id, badge_name, description, criteria_narrative, icon)
SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid, :'acme', badge_name, description, narrative, icon FROM public.cases;
INSERT INTO laurel.badge_awards (id, user_id, badge_id, valid_until, evidence, evidence_url)
SELECT ('d0000000-0000-0000-0000-00000000000' || n)::uuid, 'a0000000-0000-0000-0000-000000000001', ('c0000000-0000-0000-0000-00000000000' || n)::uuid,
       CASE n % 2 WHEN 0 THEN now() + interval '2 years' END, evidence, url FROM public.cases;
SQL
}

# How the issuer names holders changes: by e-mail, then by the user's id, then by a DID.
issue() {
    sql -o /dev/null -c "SELECT laurel.credential(id) FROM laurel.badge_awards WHERE right(id::text, 1)::int % 3 = 0" \
        -c "UPDATE laurel.credential_issuers SET recipient = 'urn'" \
        -c "SELECT laurel.credential(id) FROM laurel.badge_awards WHERE right(id::text, 1)::int % 3 = 1" \
        -c "INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES ('$acme', 'a0000000-0000-0000-0000-000000000001', 'w', 'did:key:z6Mkh')" \
        -c "UPDATE laurel.credential_issuers SET recipient = 'did'" \
        -c "SELECT laurel.credential(id) FROM laurel.badge_awards"
}

# verified FILE: what the libraries say of all that is there.
verified() {
    sql -c "SELECT jsonb_build_object('issuers', (SELECT jsonb_agg(replace(d::text, d ->> 'id', i)::jsonb) FROM laurel.issuer_document('$acme') d,
            (SELECT DISTINCT issuer_id FROM laurel_internal.credential_lists) l (i)),
        'lists', (SELECT jsonb_agg(laurel.status_list('$acme', list_no) ORDER BY list_no) FROM laurel_internal.credential_lists), 'credentials', (SELECT jsonb_agg(jsonb_build_object('document', document, 'jwt', jwt) ORDER BY award_id, issued_at) FROM laurel.credentials))" >"$out/$1.json"
    cp test/credentials/verify.mjs "$libraries"
    node "$libraries/verify.mjs" "$out/$1.json" >"$out/$1" 2>&1 || {
        tail -n 5 "$out/$1"
        return 1
    }
}

# counts FILE PATTERN NUMBER
counts() {
    [ "$(grep -cE "$2" "$out/$1")" -eq "$3" ] || {
        cut -c1-200 "$out/$1"
        return 1
    }
}

all_hold() {
    verified all && counts all '^list 1\|holds$' 1 && counts all '\|holds\|holds\|stands$' 8
}

revoked_is_told() {
    sql -o /dev/null -c "DELETE FROM laurel.badge_awards WHERE right(id::text, 1) = '7'"
    verified revoked && counts revoked '\|holds\|holds\|stands$' 7 && counts revoked '^revoked\|holds\|holds\|revoked$' 1
}

# falsified WHAT PATTERN: credentials that were falsified, of which none matches.
falsified() {
    cp test/credentials/forge.mjs "$libraries"
    node "$libraries/forge.mjs" "$out/all.json" "$1" >"$out/$1.json" && node "$libraries/verify.mjs" "$out/$1.json" >"$out/$1" 2>&1 || {
        tail -n 5 "$out/$1"
        return 1
    }
    [ "$(wc -l <"$out/$1")" -gt 200 ] && counts "$1" "$2" 0
}

# Any change of a document or a JWT is seen by them, too: it is not that they look at nothing.
tampering_is_seen() {
    falsified documents '^[^|]*\|holds\|' && falsified jwts '^[^|]*\|[^|]*\|holds\|'
}

# A new key signs at once; what the old one signed goes on to hold, and may be given up.
rotate() {
    as_server_user bash -s -- --add "$home/credential.key" <scripts/personal-key.sh
    sql -o /dev/null -c "INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES ('a0000000-0000-0000-0000-000000000002', 'c0000000-0000-0000-0000-000000000001')" \
        -c "UPDATE laurel.credential_issuers SET recipient = 'email'" -c "SELECT laurel.credential(id) FROM laurel.badge_awards WHERE user_id = 'a0000000-0000-0000-0000-000000000002'"
}

rotated_holds() {
    rotate && verified rotated && counts rotated '\|holds\|holds\|stands$' 8 && [ "$(sql -c 'SELECT count(*) FROM laurel.credential_keys')" -eq 2 ]
}

# The issuer moves: what was issued before, and the list that it names, go on to say who it was and where.
moved_holds() {
    sql -o /dev/null -c "UPDATE laurel.credential_issuers SET issuer_id = 'did:web:acme.example', base_url = 'https://acme.example/badges'" \
        -c "INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES ('a0000000-0000-0000-0000-000000000004', 'c0000000-0000-0000-0000-000000000001')" \
        -c "SELECT laurel.credential(id) FROM laurel.badge_awards WHERE user_id = 'a0000000-0000-0000-0000-000000000004'"
    verified moved && counts moved '^list [12]\|holds$' 2 && counts moved '\|holds\|holds\|stands$' 9
    sql -o /dev/null -c "UPDATE laurel.credential_issuers SET issuer_id = 'did:web:acme.test', base_url = 'https://badges.acme.test'" \
        -c "DELETE FROM laurel.credentials WHERE list_no = 2" -c "DELETE FROM laurel_internal.credential_lists WHERE list_no = 2"
}

given_up_is_revoked() {
    like "$(sql -c "SELECT laurel.revoke_credential_key((SELECT key_id FROM laurel.credential_keys ORDER BY created_at LIMIT 1), 'copied', '$acme')")" '^7$' &&
        verified given_up && counts given_up '\|holds\|holds\|stands$' 1 && counts given_up 'revoked$' 8
}

refused() {
    like "$(psql -XqAt -v VERBOSITY=verbose -c "SELECT laurel.credential_jwt('$1')" 2>&1 | tr '\n' ' ')" "$2"
}

# What was issued is given out and verified without the file; nothing is signed.
file_is_gone() {
    as_server_user mv "$home/credential.key" "$home/away"
    local id
    id=$(sql -c "INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES ('a0000000-0000-0000-0000-000000000003', 'c0000000-0000-0000-0000-000000000001') RETURNING id")
    refused "$id" 'F0000.*key file of credentials cannot be used: it is not there.*personal-key.sh' &&
        like "$(sql -c "SELECT DISTINCT (laurel.verify_credential(document)).status FROM laurel.credentials WHERE revoked_at IS NULL")" '^valid$' &&
        as_server_user install -m 640 "$home/away" "$home/credential.key" && refused "$id" 'F0000.*others than its owner may read' &&
        as_server_user chmod 600 "$home/credential.key" && like "$(sql -c "SELECT laurel.credential_jwt('$id')")" '^ey'
}

no_client_names_it() {
    like "$(psql -XqAt -v VERBOSITY=verbose -c 'SET ROLE authenticated' -c 'SELECT laurel.uid()' -c 'SHOW laurel.credential_key_file' 2>&1)" '42501' &&
        like "$(psql -XqAt -v VERBOSITY=verbose -c 'SELECT laurel.uuidv7()' -c "SET laurel.credential_key_file = '/tmp/mine'" 2>&1)" '55P02'
}

# page PATH [OPTION ...] asks the worker; its head and body are in $out/page.
page() {
    curl -sS -i "${@:2}" "${url}credentials/$1" | tr -d '\r' >"$out/page"
}

list_is_served() {
    local tag
    page "status/$acme/1" && grep -q '^HTTP/1.1 200' "$out/page" && grep -q '^Content-Type: application/vc$' "$out/page" &&
        grep -q '^Cache-Control: public, max-age=300$' "$out/page" && [ "$(sed '1,/^$/d' "$out/page")" = "$(sql -c "SELECT laurel.status_list('$acme')")" ] &&
        tag=$(sed -n 's/^ETag: //p' "$out/page") && [ -n "$tag" ] && page "status/$acme/1" -H "If-None-Match: $tag" && grep -q '^HTTP/1.1 304' "$out/page" &&
        page "status/$acme/1" -H 'If-None-Match: "other"' && grep -q '^HTTP/1.1 200' "$out/page"
}

document_is_served() {
    page "issuers/$acme/did.json" && [ "$(sed '1,/^$/d' "$out/page")" = "$(sql -c "SELECT laurel.issuer_document('$acme')")" ]
}

status_is_shown() {
    page "$(sql -c "SELECT id FROM laurel.credentials WHERE award_id = 'd0000000-0000-0000-0000-000000000007'")" && grep -q '<b class="revoked">revoked</b>' "$out/page" &&
        ! grep -qiE 'u1@|Jo |a0000000' "$out/page"
}

others_are_not_found() {
    local path
    for path in '' x "status/$acme/2" "status/$acme/" "status/$acme/1x" "status/x/1" "issuers/$acme" "issuers/b$acme/did.json" \
        issuers/b0000000-0000-0000-0000-000000000000/did.json b0000000-0000-0000-0000-000000000000 "status/$acme/99999999999" "';--"; do
        page "$path"
        grep -q '^HTTP/1.1 404' "$out/page" || {
            echo "$path: $(head -n 1 "$out/page")"
            return 1
        }
    done
}

certificate() {
    "$program" certificate "$@" 2>"$out/certificate.err"
}

certificate_is_written() {
    local award
    award=$(sql -c "SELECT id FROM laurel.badge_awards WHERE badge_id = 'c0000000-0000-0000-0000-000000000006'")
    certificate "$award" --out "$out/certificate.html" && [ "$(stat -c %a "$out/certificate.html")" = 600 ] &&
        grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' "$out/certificate.html" && grep -qF 'Jo &lt;b&gt;&quot;Ünïcode&quot; مرحبا&lt;/b&gt;' "$out/certificate.html" &&
        ! grep -qE '<script|<b>' "$out/certificate.html" && certificate "$award" | cmp - "$out/certificate.html"
}

no_certificate() {
    ! certificate b0000000-0000-0000-0000-000000000000 && like "$(cat "$out/certificate.err")" 'there is no such award.*23503' &&
        ! certificate "$(sql -c "SELECT id FROM laurel.badge_awards LIMIT 1")" --out "$out/none/x.html" && like "$(cat "$out/certificate.err")" 'cannot be written'
}

find_server
prepare
http_port=$((20000 + RANDOM % 10000))
url=http://127.0.0.1:$http_port/
settings=()
make_badges
issue
if install_libraries; then
    check 'verifiers take every credential, whatever it says, as JSON-LD and as JWT' all_hold
    check 'and see a change of any value' tampering_is_seen
    check 'what is revoked is so in the list' revoked_is_told
    check 'a new key signs, and what the old one signed holds' rotated_holds
    check 'after the issuer has moved both hold, by the list of each' moved_holds
    check 'a key that is given up takes with it what it has signed' given_up_is_revoked
else
    ! npm ping --fetch-retries 0 >/dev/null 2>&1 || check 'the libraries are installed' tell_npm
    say 'SKIPPED: the npm registry cannot be reached: no verifier has seen a credential'
    sql -o /dev/null -c "DELETE FROM laurel.badge_awards WHERE right(id::text, 1) = '7'"
fi
check 'without its file nothing is signed, and all is verified' file_is_gone
check 'no client names the file, or sees its name' no_client_names_it
worker pages "LAUREL_HTTP_PORT=$http_port" LAUREL_JOBS=false
within 20 grep -q connected "$out/pages.log"
check 'the worker shows the status list, with a tag' list_is_served
check 'and the document of the issuer' document_is_served
check 'and the status of one, without a name' status_is_shown
check 'other paths are not there' others_are_not_found
check 'a certificate is a page of text' certificate_is_written
check 'none of an award that is not there, nor where nothing can be written' no_certificate
stop pages
tally "$passed" "$failed"
