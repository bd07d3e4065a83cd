// Search: as the caller, so that policies choose the rows before any word of them is looked at.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::messaging {

namespace {

Statement language_of = Statement(R"(SELECT 'pg_catalog.' || coalesce((SELECT s.search_language
        FROM ONLY laurel.messaging_settings s WHERE s.organization_id = $1), 'simple'))",
                                  UUIDOID)
                            .Returns(TEXTOID);

Statement search =
    Statement(R"(SELECT m.id, m.thread_id, m.created_at, m.sender_id, m.recipient_id, m.subject,
            pg_catalog.ts_headline($3::pg_catalog.regconfig, m.content, q.query, 'StartSel=**, StopSel=**, MaxWords=20, MinWords=8')
        FROM (SELECT s.* FROM ONLY laurel.messages s
            WHERE s.organization_id = $1 AND (s.sender_id = $5 AND s.copy_of IS NULL OR s.recipient_id = $5)
                AND pg_catalog.to_tsvector($3::pg_catalog.regconfig, pg_catalog.concat_ws(' ', s.subject, s.content))
                    OPERATOR(pg_catalog.@@) pg_catalog.websearch_to_tsquery($3::pg_catalog.regconfig, $2)
            ORDER BY s.created_at DESC, s.id DESC LIMIT $4) m, pg_catalog.websearch_to_tsquery($3::pg_catalog.regconfig, $2) q (query)
        ORDER BY m.created_at DESC, m.id DESC)",
              UUIDOID, TEXTOID, TEXTOID, INT8OID, UUIDOID)
        .Returns(UUIDOID, UUIDOID, TIMESTAMPTZOID, UUIDOID, UUIDOID, TEXTOID, TEXTOID);

constexpr int kMostCharacters = 500, kMostFound = 100;

Datum
LanguageOf(const Uuid &organization) {
    const AsOwner owner(OwnerOf(TableOid("messaging_settings")));
    const SpiConnection spi;
    language_of.Run(Access::Read, {FromUuid(organization)});
    const std::string_view language = ToText(Field(0, 1));
    const MemoryContext before = MemoryContextSwitchTo(CurTransactionContext);
    const Datum kept = FromText(language);
    MemoryContextSwitchTo(before);
    return kept;
}

[[noreturn]] void
RefuseArgument(const char *message, const char *detail) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = message, .detail = detail});
}

} // namespace

// laurel.search_messages(query, max_rows)
LAUREL_FUNCTION(laurel_search_messages) {
    const Datum query = Required(fcinfo, 0, "query");
    if (pg_mbstrlen_with_len(ToText(query).data(), static_cast<int>(ToText(query).size())) > kMostCharacters)
        RefuseArgument("query is too long", psprintf("It may have %d characters.", kMostCharacters));
    const int32 rows = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
    if (rows < 1 || rows > kMostFound)
        RefuseArgument("max_rows is out of range", psprintf("It must be from 1 to %d.", kMostFound));
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_NULL();
    const Datum language = LanguageOf(caller.organization);
    const SpiConnection spi;
    ReturnRows(fcinfo, search.Run(Access::Read, {FromUuid(caller.organization), query, language,
                                                 Int64GetDatum(rows), FromUuid(caller.user)}));
    PG_RETURN_NULL();
}

} // namespace laurel::messaging
