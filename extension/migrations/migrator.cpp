#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/small_roles.h"
#include "postgres/spi.h"

namespace laurel::migrations {

namespace {

constexpr std::string_view kUpMark = "-- Up Migration";
constexpr std::string_view kDownMark = "-- Down Migration";

// One migration as the build embeds it and as the database remembers it.
struct Migration {
    const char *version;
    const char *name;
    const char *script;   // null when only the database knows it
    const char *checksum; // of `script`
    const char *applied;  // checksum when applied; null while pending
};

struct MigrationList {
    Migration *items;
    uint64 count;
};

Statement create_history(
    R"(CREATE TABLE laurel_internal.schema_migrations (
        version text CONSTRAINT schema_migrations_pkey PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
        applied_by text NOT NULL DEFAULT SESSION_USER);
        COMMENT ON TABLE laurel_internal.schema_migrations IS 'Migrations that are applied; laurel.migrate() writes it.';
        COMMENT ON COLUMN laurel_internal.schema_migrations.version IS 'The stamp of the migration.';
        COMMENT ON COLUMN laurel_internal.schema_migrations.name IS 'The domain it creates.';
        COMMENT ON COLUMN laurel_internal.schema_migrations.checksum IS 'SHA-256 of its text when it was applied.'; COMMENT ON COLUMN laurel_internal.schema_migrations.applied_at IS 'When.';
        COMMENT ON COLUMN laurel_internal.schema_migrations.applied_by IS 'The session''s role.';
        GRANT SELECT ON laurel_internal.schema_migrations TO service_role)");

// What a restore without owners has left to a superuser.
constexpr const char *kAdopt = R"(
DO $adopt$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s OWNER TO laurel_owner', c.oid::regclass) FROM pg_class c
        JOIN pg_roles r ON r.oid = c.relowner
        WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND r.rolsuper
          AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                          AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
        UNION ALL
        SELECT format('ALTER FUNCTION %s OWNER TO laurel_owner', p.oid::regprocedure) FROM pg_proc p
        JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.pronamespace = 'laurel'::regnamespace AND p.proname = 'member' AND r.rolsuper AND NOT p.prosecdef
    LOOP
        EXECUTE statement;
    END LOOP;
END
$adopt$)";

Statement drop_history("DROP TABLE laurel_internal.schema_migrations");

Statement list_migrations = Statement(
                                R"(SELECT coalesce(e.version, a.version), coalesce(e.name, a.name), e.script,
        pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(e.script, 'UTF8')), 'hex'), a.checksum
        FROM laurel_internal.embedded_migrations() e FULL JOIN laurel_internal.schema_migrations a USING
        (version) ORDER BY 1)")
                                .Returns(TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID);

Statement
    remember("INSERT INTO laurel_internal.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
             TEXTOID, TEXTOID, TEXTOID);

Statement forget("DELETE FROM laurel_internal.schema_migrations WHERE version = $1", TEXTOID);

MigrationList
ListMigrations() {
    const uint64 count = list_migrations.Run(Access::Write);
    auto *items = NewList<Migration>(count);
    for (uint64 row = 0; row < count; row++)
        items[row] = {TextField(row, 1), TextField(row, 2), TextField(row, 3), TextField(row, 4),
                      TextField(row, 5)};
    return {items, count};
}

// Refuses to go on when what was applied is not what this version of the extension carries.
void
CheckHistory(const MigrationList &list) {
    for (uint64 i = 0; i < list.count; i++) {
        const Migration &migration = list.items[i];
        if (migration.script == nullptr)
            Refuse({.sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                    .message = psprintf("migration %s is applied but unknown to this version of laurel",
                                        migration.version),
                    .hint = "Install the version of the extension that applied it."});
        if (migration.applied != nullptr && strcmp(migration.applied, migration.checksum) != 0)
            Refuse(
                {.sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                 .message =
                     psprintf("applied migration %s_%s has changed", migration.version, migration.name),
                 .detail = psprintf("Applied with SHA-256 %s, the extension carries %s.", migration.applied,
                                    migration.checksum),
                 .hint = "Install the version that applied it and migrate down first, or restore the file."});
    }
}

void
CheckTarget(const MigrationList &list, const char *target) {
    if (target == nullptr || strcmp(target, "0") == 0)
        return;
    for (uint64 i = 0; i < list.count; i++)
        if (strcmp(list.items[i].version, target) == 0)
            return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("there is no migration \"%s\"", target),
            .hint = "Ask laurel.migration_status() for the versions; '0' migrates everything down."});
}

// The part of a script between its mark and the next one.
std::string_view
Part(const Migration &migration, std::string_view mark) {
    const std::string_view script = migration.script;
    const size_t start = script.find(mark);
    if (start == std::string_view::npos)
        Refuse({.sqlstate = ERRCODE_SYNTAX_ERROR,
                .message = psprintf("migration %s_%s has no line \"%s\"", migration.version, migration.name,
                                    CString(mark))});
    const size_t end = mark == kUpMark ? script.find(kDownMark) : std::string_view::npos;
    return script.substr(start, end == std::string_view::npos ? end : end - start);
}

// Where in the migration an error came from; the whole script as context would hide it.
[[noreturn]] void
RaiseInMigration(const Migration &migration, std::string_view part, ErrorData *error) {
    int64 line = 0;
    if (error->internalquery != nullptr && error->internalpos > 0)
        line = 1 + std::count(migration.script, part.data(), '\n') +
               std::count(error->internalquery, error->internalquery + error->internalpos - 1, '\n');
    error->context = line > 0 ? psprintf("migration %s_%s, line %d", migration.version, migration.name,
                                         static_cast<int>(line))
                              : psprintf("migration %s_%s", migration.version, migration.name);
    error->internalquery = nullptr;
    error->internalpos = 0;
    ReThrowError(error);
    pg_unreachable();
}

void
RunPart(const Migration &migration, std::string_view mark) {
    const CatalogPath path(CatalogPath::Force);
    const std::string_view part = Part(migration, mark);
    const char *script = CString(part);
    ErrorData *error = nullptr;
    try {
        guard([script] { RunScript(script); });
    } catch (const PostgresError &raised) {
        error = raised.data();
    }
    if (error != nullptr)
        RaiseInMigration(migration, part, error);
}

// Gives the tables to laurel_owner where a superuser has them.
void
Adopt() {
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    RunScript(kAdopt);
}

// The table of what is applied; none before the first migration.
Oid
History() {
    return get_relname_relid("schema_migrations", get_namespace_oid("laurel_internal", false));
}

// The owner of the tables; where there are none yet, laurel_owner for a superuser, else the caller.
Oid
MigratingRole() {
    if (!superuser())
        return GetUserId();
    const Oid history = History();
    if (OidIsValid(history) && !superuser_arg(OwnerOf(history)))
        return OwnerOf(history);
    const Oid owner = SmallRole(kLaurelOwner);
    if (OidIsValid(history))
        Adopt();
    return owner;
}

void
Report(ReturnSetInfo *result, const char *verb, const Migration &migration) {
    bool is_null = false;
    Datum line = CStringGetTextDatum(psprintf("%s %s_%s", verb, migration.version, migration.name));
    tuplestore_putvalues(result->setResult, result->setDesc, &line, &is_null);
}

void
Apply(const Migration &migration, ReturnSetInfo *result) {
    RunPart(migration, kUpMark);
    const Datum values[] = {CStringGetTextDatum(migration.version), CStringGetTextDatum(migration.name),
                            CStringGetTextDatum(migration.checksum)};
    remember.Run(Access::Write, values);
    Report(result, "applied", migration);
}

void
Revert(const Migration &migration, ReturnSetInfo *result) {
    RunPart(migration, kDownMark);
    const Datum version = CStringGetTextDatum(migration.version);
    forget.Run(Access::Write, version);
    Report(result, "reverted", migration);
}

// Down from the newest to above the target, then up from the oldest to the target.
void
Move(const MigrationList &list, const char *target, ReturnSetInfo *result) {
    const auto wanted = [target](const Migration &m) {
        return target == nullptr || strcmp(m.version, target) <= 0;
    };
    for (uint64 i = list.count; i-- > 0;)
        if (list.items[i].applied != nullptr && !wanted(list.items[i]))
            Revert(list.items[i], result);
    for (uint64 i = 0; i < list.count; i++)
        if (list.items[i].applied == nullptr && wanted(list.items[i]))
            Apply(list.items[i], result);
    if (target != nullptr && strcmp(target, "0") == 0)
        drop_history.Run(Access::Write);
}

} // namespace

// laurel.migrate(target): everything in the caller's transaction, one session at a time, as who has the
// tables.
LAUREL_FUNCTION(laurel_migrate) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const char *target = PG_ARGISNULL(0) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(0));
    LockUntilEnd(OwnLock::Migration);
    const AsOwner owner(MigratingRole());
    const SpiConnection spi;
    if (!OidIsValid(History()))
        create_history.Run(Access::Write);
    const MigrationList list = ListMigrations();
    CheckTarget(list, target);
    CheckHistory(list);
    Move(list, target, result);
    PG_RETURN_NULL();
}

} // namespace laurel::migrations
