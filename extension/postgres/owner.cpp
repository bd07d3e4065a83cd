#include "owner.h"

#include "foreign_code.h"

namespace laurel {

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
