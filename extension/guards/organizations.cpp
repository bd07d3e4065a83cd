#include "guards/organizations.h"

#include "postgres/owner.h"

namespace laurel::guards {

namespace {

bool
IsOrganization(Oid table, AttrNumber column) {
    return strcmp(get_attname(table, column, false), "organization_id") == 0;
}

// Whether the key pairs the organizations of both rows, and something else besides.
bool
CrossesOrganizations(const ForeignKeyCacheInfo &key) {
    for (int i = 0; i < key.nkeys; i++)
        if (key.nkeys > 1 && IsOrganization(key.conrelid, key.conkey[i]) &&
            IsOrganization(key.confrelid, key.confkey[i]))
            return true;
    return false;
}

// "parent.key = c.link AND ...", with the organizations or without.
const char *
Pairs(const ForeignKeyCacheInfo &key, const char *parent, bool with_organization) {
    StringInfoData text;
    initStringInfo(&text);
    for (int i = 0; i < key.nkeys; i++)
        if (with_organization || !IsOrganization(key.confrelid, key.confkey[i]))
            appendStringInfo(&text, "%s%s.%s = c.%s", text.len == 0 ? "" : " AND ", parent,
                             quote_identifier(get_attname(key.confrelid, key.confkey[i], false)),
                             quote_identifier(get_attname(key.conrelid, key.conkey[i], false)));
    return text.data;
}

const char *
NoneIsNull(const ForeignKeyCacheInfo &key) {
    StringInfoData text;
    initStringInfo(&text);
    for (int i = 0; i < key.nkeys; i++)
        appendStringInfo(&text, "c.%s IS NOT NULL AND ",
                         quote_identifier(get_attname(key.conrelid, key.conkey[i], false)));
    return text.data;
}

// The name of the key's last column that is not the organization.
const char *
Link(const ForeignKeyCacheInfo &key) {
    const char *link = nullptr;
    for (int i = 0; i < key.nkeys; i++)
        if (!IsOrganization(key.conrelid, key.conkey[i]))
            link = get_attname(key.conrelid, key.conkey[i], false);
    return link;
}

Statement
FindForeign(const ForeignKeyCacheInfo &key) {
    const char *parent = OnlyName(key.confrelid);
    return Statement(psprintf(R"(
        SELECT %s, %s, EXISTS (SELECT FROM %s o WHERE %s) FROM %s c
        WHERE %s NOT EXISTS (SELECT FROM %s p WHERE %s))",
                              UuidColumn(key.conrelid, "organization_id"), UuidColumn(key.conrelid, "id"),
                              parent, Pairs(key, "o", false), OnlyName(key.conrelid), NoneIsNull(key), parent,
                              Pairs(key, "p", true)))
        .Returns(UUIDOID, UUIDOID, BOOLOID);
}

void
CheckKey(const ForeignKeyCacheInfo &key, Findings *findings) {
    if (pg_class_aclcheck(key.confrelid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
        return findings->Add({key.conrelid, "organization", nullptr, nullptr,
                              psprintf("%s refers to %s, which the table's owner may not read", Link(key),
                                       QualifiedName(key.confrelid))});
    TellProgress(key.conrelid, "organizations");
    const SpiConnection spi;
    const uint64 count = FindForeign(key).RunOnce(Access::Write);
    for (uint64 i = 0; i < count; i++) {
        bool no_id;
        const Uuid organization = ToUuid(Field(i, 1));
        const Datum id_value = Field(i, 2, &no_id);
        const Uuid id = no_id ? Uuid{} : ToUuid(id_value);
        findings->Add({key.conrelid, "organization", &organization, no_id ? nullptr : &id,
                       psprintf("%s refers to %s row of %s%s", Link(key),
                                DatumGetBool(Field(i, 3)) ? "a" : "no", QualifiedName(key.confrelid),
                                DatumGetBool(Field(i, 3)) ? " of another organization" : "")});
    }
}

} // namespace

void
CheckOrganizations(Oid table, Findings *findings) {
    Relation relation = table_open(table, AccessShareLock);
    const auto *keys = static_cast<const List *>(copyObjectImpl(RelationGetFKeyList(relation)));
    table_close(relation, NoLock);
    const AsOwner owner(OwnerOf(table));
    ListCell *cell;
    foreach (cell, keys) {
        const auto *key = static_cast<const ForeignKeyCacheInfo *>(lfirst(cell));
        if (CrossesOrganizations(*key))
            CheckKey(*key, findings);
    }
}

} // namespace laurel::guards
