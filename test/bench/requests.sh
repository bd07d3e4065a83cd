# shellcheck shell=bash
# Sourced by run.sh: pgbench scripts that are requests as PostgREST sends them. No colon stands before a letter or a
# digit in them, because pgbench would take that for a variable.

# Prints the claims of a user as Supabase Auth signs them; the id may also be a piece of SQL that ends the literal.
claims() {
    cat <<EOF
{"aud": "authenticated", "exp": 1795183200, "iat": 1795179600, "iss": "https://bench.example/auth/v1", "sub": "$1", "email": "somebody@bench.example", "phone": "", "app_metadata": {"provider": "email", "providers": ["email"]}, "user_metadata": {"email": "somebody@bench.example", "email_verified": true, "full_name": "Somebody Who Learns", "phone_verified": false}, "role": "authenticated", "aal": "aal1", "amr": [{"method": "password", "timestamp": 1795179600}], "session_id": "5c3f1c1e-2f0b-4a55-9d0c-7c2c5a8f1b66", "is_anonymous": false}
EOF
}

# Prints the headers of a browser's request as PostgREST passes them on.
headers() {
    cat <<EOF
{"accept": "application/json", "accept-encoding": "gzip, deflate, br, zstd", "accept-language": "en-US,en;q=0.9", "accept-profile": "laurel", "apikey": "sb_publishable_0123456789abcdef0123456789abcdef", "connection": "keep-alive", "host": "bench.example", "origin": "https://app.bench.example", "referer": "https://app.bench.example/", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36", "x-client-info": "supabase-js-web/2.109.0", "x-forwarded-for": "192.0.2.7"}
EOF
}

# Prints what comes before the query: preamble SCHEMA CLAIMS, where CLAIMS is an SQL expression.
preamble() {
    cat <<EOF
BEGIN READ ONLY;
SELECT set_config('search_path', '"$1", "public"', true), set_config('role', 'authenticated', true), set_config('request.jwt.claims', $2, true), set_config('request.method', 'GET', true), set_config('request.path', '/points_ledger', true), set_config('request.headers', '$(headers)', true), set_config('request.cookies', '{}', true);
EOF
}

# Prints a whole request: request SCHEMA CLAIMS QUERY.
request() {
    preamble "$1" "$2"
    echo "$3;"
    echo 'COMMIT;'
}
