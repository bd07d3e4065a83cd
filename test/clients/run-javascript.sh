#!/usr/bin/env bash
# Laurel as programs in JavaScript meet it. The generators must write docs/clients/laurel.ts and laurel.prisma as they are; the
# TypeScript of the pages in docs/clients, with what javascript/tests adds to each, must compile, run and show what the pages say.
# Skipped only where the npm registry cannot be reached. Pages may be named: run-javascript.sh prisma.
#   --write   writes docs/clients/laurel.ts and laurel.prisma instead, from the database as it is now
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=test/clients/pages.sh
. "$root/test/clients/pages.sh"
# shellcheck source=test/clients/postgrest.sh
. "$root/test/clients/postgrest.sh"

source=$root/test/clients
packages=$root/build/clients

npm_quietly() {
    npm "$@" --cache "$root/build/npm" --no-audit --no-fund --no-update-notifier
}

# install_packages FROM TO FILE: installs the pinned packages of a folder into another, unless they are there; FILE is among them.
# No package's scripts are run. 1 where the registry cannot be reached.
install_packages() {
    local log=$2/npm.log
    cmp -s "$1/package-lock.json" "$2/installed.json" && return
    mkdir -p "$2"
    rm -f "$2/installed.json"
    cp "$1"/package{,-lock}.json "$2"
    if ! npm_quietly ci --prefix "$2" --ignore-scripts --prefer-offline >"$log" 2>&1 ||
        ! compgen -G "$2/node_modules/$3" >/dev/null; then
        npm_quietly ping --fetch-retries 0 >>"$log" 2>&1 || return 1
        fail "npm ci left no $3: $(tail -n 5 "$log")"
    fi
    cp "$1/package-lock.json" "$2/installed.json"
}

# Node.js first: Debian's is too old for the packages, and npm leaves out optional ones that do not suit the one it runs on.
install_all() {
    command -v npm >/dev/null || fail "npm is missing: run make deps"
    install_packages "$source/node" "$root/build/node" 'node-linux-*/bin/node' || return 1
    PATH=$(echo "$root"/build/node/node_modules/node-linux-*/bin):$PATH
    install_packages "$source" "$packages" .bin/tsc || return 1
    PATH=$packages/node_modules/.bin:$PATH
}

generate() {
    clients_database
    DATABASE_URL=${DATABASE_URL/laurel_app/postgres} node --no-warnings "$packages/generate.mjs" "$1"
}

is_up_to_date() {
    diff -u "docs/clients/$1" "$packages/$1" || {
        echo "to write it anew: test/clients/run-javascript.sh --write"
        return 1
    }
}

# Prisma's command line asks for an engine for migrations, which generating does without.
generate_prisma_client() {
    (cd "$packages" && PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 prisma generate --schema "$1")
}

# Makes a page's blocks one program with what the tests add to them.
write_program() {
    {
        blocks "docs/clients/$1.md" ts
        echo "console.log('@@ tests')"
        cat "$source/javascript/tests/$1.ts"
    } >"$packages/$1.ts"
}

# Runs a page's SQL, by who owns the database, then its program, which finds in its environment what any of them asks for.
run_program() {
    blocks "docs/clients/$1.md" sql | sql >/dev/null || return 1
    case $1 in
        postgraphile) DATABASE_URL=${DATABASE_URL/laurel_app/authenticator} ;;
    esac
    (as_reader && SUPABASE_URL=$API SUPABASE_SERVICE_ROLE_KEY=$SERVICE SUPABASE_ANON_KEY=$ANON PORT=0 GRAPHILE_ENV=production \
        timeout 60 node --no-warnings "$packages/$1.ts") >"$out/$1.all" 2>&1
}

shows_what_it_says() {
    diff <(blocks "docs/clients/$1.md" text) <(sed '/^@@ tests$/,$d' "$out/$1.all")
}

# Each check of a program has printed a line as checks here do.
count_tests() {
    local line
    while IFS= read -r line; do
        case $line in
            'ok '*) passed=$((passed + 1)) ;;
            'not ok '*) failed=$((failed + 1)) ;;
        esac
        echo "$line"
    done < <(sed '1,/^@@ tests$/d' "$out/$1.all")
}

find_server
if ! install_all; then
    say "SKIPPED: the npm registry cannot be reached, and the packages are not there: no client in JavaScript was tested"
    tally 0 0
    exit
fi
rm -f "$packages"/*.ts
cp "$source"/javascript/*.* "$packages"
clients_server javascript
trap 'stop_api; stop_servers' EXIT
if [ "${1:-}" = --write ]; then
    generate docs/clients
    exit
fi
pages=("$@")
[ $# -gt 0 ] || pages=(prisma supabase-js kysely drizzle postgraphile)

generate "$packages"
for file in laurel.ts laurel.prisma; do
    check "docs/clients/$file is what the generator writes" is_up_to_date "$file"
done
cp docs/clients/laurel.prisma "$packages/schema.prisma"
check "docs/clients/laurel.prisma makes a client" generate_prisma_client schema.prisma
check "so do the models of an application" generate_prisma_client application.prisma
for page in "${pages[@]}"; do
    write_program "$page"
done
check "the programs are typed" tsc --project "$packages"
for page in "${pages[@]}"; do
    start_api
    check "docs/clients/$page.md: its program runs to its end" run_program "$page"
    check "docs/clients/$page.md shows what comes out" shows_what_it_says "$page"
    count_tests "$page"
done
tally "$passed" "$failed"
