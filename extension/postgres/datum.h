// Datums in and out: uuids as values, text as views, arguments with defaults.
#pragma once

#include "pg.h"

namespace laurel {

// A uuid by value, ordered as Postgres orders uuids.
struct Uuid {
    unsigned char bytes[UUID_LEN];

    friend bool operator==(const Uuid &a, const Uuid &b) {
        return std::memcmp(a.bytes, b.bytes, UUID_LEN) == 0;
    }
    friend bool operator<(const Uuid &a, const Uuid &b) {
        return std::memcmp(a.bytes, b.bytes, UUID_LEN) < 0;
    }
};

static_assert(sizeof(Uuid) == sizeof(pg_uuid_t) && std::is_trivially_copyable_v<Uuid>);

// The uuid after this one; false after the last.
inline bool
NextUuid(Uuid *uuid) {
    for (int byte = UUID_LEN - 1; byte >= 0; byte--)
        if (++uuid->bytes[byte] != 0)
            return true;
    return false;
}

inline Uuid
ToUuid(Datum datum) {
    Uuid uuid;
    std::memcpy(uuid.bytes, DatumGetUUIDP(datum)->data, UUID_LEN);
    return uuid;
}

// The datum points into `uuid`, which must outlive it.
inline Datum
FromUuid(const Uuid &uuid) {
    return PointerGetDatum(&uuid);
}

inline Datum
CopyUuid(const Uuid &uuid) {
    auto *copy = static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t)));
    std::memcpy(copy->data, uuid.bytes, UUID_LEN);
    return UUIDPGetDatum(copy);
}

// The canonical 36-character form, palloc'd.
inline const char *
UuidText(const Uuid &uuid) {
    return DatumGetCString(DirectFunctionCall1(uuid_out, FromUuid(uuid)));
}

// A view of a text datum, detoasted where needed.
inline std::string_view
ToText(Datum datum) {
    const text *value = DatumGetTextPP(datum);
    return {VARDATA_ANY(value), static_cast<size_t>(VARSIZE_ANY_EXHDR(value))};
}

// Copies a bytea into that many bytes; false where it has another length.
inline bool
CopyBytes(Datum datum, void *bytes, size_t length) {
    const bytea *value = DatumGetByteaPP(datum);
    if (VARSIZE_ANY_EXHDR(value) != length)
        return false;
    std::memcpy(bytes, VARDATA_ANY(value), length);
    return true;
}

inline Datum
FromBytes(const void *bytes, size_t length) {
    auto *value = static_cast<bytea *>(palloc(VARHDRSZ + length));
    SET_VARSIZE(value, VARHDRSZ + length);
    std::memcpy(VARDATA(value), bytes, length);
    return PointerGetDatum(value);
}

inline Datum
FromText(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

// A palloc'd, null-terminated copy.
inline const char *
CString(std::string_view value) {
    return pnstrdup(value.data(), value.size());
}

// Whether a value of one type is, bit by bit, a value of the other: the same type, a domain over it, varchar
// for text.
inline bool
IsType(Oid found, Oid expected) {
    return found == expected || IsBinaryCoercible(found, expected);
}

// Attribute `name` of a relation, of that type; 42703 or 42804 names what is missing or other.
int Attribute(TupleDesc tuple_desc, const char *name, Oid type);

// A value of a row of a relation.
inline Datum
AttributeValue(HeapTuple row, TupleDesc tuple_desc, const char *name, Oid type, bool *is_null) {
    return heap_getattr(row, Attribute(tuple_desc, name, type), tuple_desc, is_null);
}

// Refuses (42804) a column of another type than Laurel reads or writes.
[[noreturn]] void RefuseType(Oid table, const char *column, Oid found, Oid expected);

// "schema.table", palloc'd.
const char *QualifiedName(Oid table);

} // namespace laurel
