#!/usr/bin/env bash
# Prints an SQL function that returns the migrations given as files named STAMP_NAME.sql.
set -euo pipefail

echo 'CREATE FUNCTION laurel_internal.embedded_migrations()'
echo 'RETURNS TABLE (version text, name text, script text) LANGUAGE sql IMMUTABLE PARALLEL SAFE'
echo "SET search_path = pg_catalog, pg_temp AS \$embedded\$"
separator='VALUES'
for file in "$@"; do
    base=$(basename "$file" .sql)
    if grep -qE '\$(embedded|migration)\$' "$file"; then
        echo "$file: must not contain the quotes \$embedded\$ or \$migration\$" >&2
        exit 1
    fi
    printf "%s ('%s', '%s', \$migration\$" "$separator" "${base:0:15}" "${base:16}"
    cat "$file"
    printf '%s)\n' "\$migration\$"
    separator=','
done
echo '$embedded$;'
echo "COMMENT ON FUNCTION laurel_internal.embedded_migrations() IS 'The migrations this version of the extension carries: stamp, domain and text.';"
