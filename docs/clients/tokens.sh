# shellcheck shell=bash
# Sourced by a shell that knows DATABASE_URL: tokens of Olga, of Ana, of the back end and of nobody, as an identity provider signs them.
: "${DATABASE_URL:?docs/clients.md says what it is}"
export JWT_SECRET='a secret of at least 32 characters'

base64url() {
    openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# sign CLAIMS prints a token.
sign() {
    local signed
    signed=$(printf '{"alg": "HS256", "typ": "JWT"}' | base64url).$(printf '%s' "$1" | base64url)
    echo "$signed.$(printf '%s' "$signed" | openssl dgst -sha256 -hmac "$JWT_SECRET" -binary | base64url)"
}

id_of() {
    psql -X -q -A -t -c 'SET ROLE service_role' -c "SELECT id FROM laurel.users WHERE email = '$1@alder.example'" "$DATABASE_URL"
}

ANA_ID=$(id_of ana)
OLGA=$(sign '{"role": "authenticated", "sub": "'"$(id_of olga)"'"}')
ANA=$(sign '{"role": "authenticated", "sub": "'"$ANA_ID"'"}')
SERVICE=$(sign '{"role": "service_role"}')
ANON=$(sign '{"role": "anon"}')
export ANA_ID OLGA ANA SERVICE ANON
