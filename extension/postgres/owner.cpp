#include "owner.h"

#include "foreign_code.h"

namespace laurel {

namespace {

constinit Oid tables_owner = InvalidOid; // where it is known
constinit bool tables_owner_known = false;

void
ForgetTablesOwner(Datum, int, uint32) {
    tables_owner_known = false;
}

} // namespace

AsOwner::AsOwner(Oid owner, int restrictions) {
    GuardRole(owner);
    GetUserIdAndSecContext(&user_, &context_);
    SetUserIdAndSecContext(owner, context_ | restrictions | kActsForLaurel | SECURITY_LOCAL_USERID_CHANGE |
                                      SECURITY_NOFORCE_RLS);
}

Oid
TableOid(const char *name, const char *schema) {
    const Oid schema_oid = get_namespace_oid(schema, true);
    const Oid table = OidIsValid(schema_oid) ? get_relname_relid(name, schema_oid) : InvalidOid;
    if (!OidIsValid(table))
        ereport(ERROR,
                (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table \"%s.%s\" does not exist", schema, name),
                 errhint("Run SELECT laurel.migrate() first.")));
    return table;
}

Oid
TablesOwner() {
    static bool listens = false;
    if (!listens) {
        CacheRegisterSyscacheCallback(RELOID, ForgetTablesOwner, 0);
        CacheRegisterSyscacheCallback(NAMESPACEOID, ForgetTablesOwner, 0);
        listens = true;
    }
    if (!tables_owner_known) {
        tables_owner_known = true; // before the look, which may meet a change
        const Oid schema = get_namespace_oid("laurel_internal", true);
        const Oid table = OidIsValid(schema) ? get_relname_relid("schema_migrations", schema) : InvalidOid;
        tables_owner = OidIsValid(table) ? OwnerOf(table) : InvalidOid;
    }
    return tables_owner;
}

Oid
OwnerOf(Oid table) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for relation %u", table);
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
}

bool
IsTrusted(Oid table) {
    return check_enable_rls(table, InvalidOid, true) != RLS_ENABLED;
}

} // namespace laurel
