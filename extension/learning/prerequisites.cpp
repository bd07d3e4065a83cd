#include "prerequisites.h"

#include "postgres/array.h"
#include "postgres/list.h"

namespace laurel::learning {

namespace {

// What was completed stays completed where retention has taken the row, and for other paths where its own is
// done again.
Statement find_missing = Statement(R"(SELECT m.id, m.title FROM ONLY laurel.module_prerequisites r
        JOIN ONLY laurel.learning_modules m ON m.organization_id = r.organization_id AND m.id = r.requires_id AND m.status = 'active'
        JOIN ONLY laurel.learning_paths l ON l.organization_id = m.organization_id AND l.id = m.learning_path_id
            AND l.status = 'published' AND NOT l.is_template
        WHERE r.organization_id = $1 AND r.module_id = $2 AND NOT EXISTS (SELECT FROM ONLY laurel.module_completions c
            WHERE c.organization_id = $1 AND c.user_id = $3 AND c.module_id = m.id AND c.status = 'completed')
        AND NOT EXISTS (SELECT FROM ONLY laurel.learning_path_progress p WHERE p.organization_id = $1 AND p.user_id = $3
            AND p.learning_path_id = m.learning_path_id AND m.id = ANY (p.modules_completed))
        AND NOT EXISTS (SELECT FROM ONLY laurel.path_certifications f WHERE f.organization_id = $1 AND f.user_id = $3
            AND f.learning_path_id = m.learning_path_id
            AND m.id = ANY (f.modules_completed)
            AND f.learning_path_id <> (SELECT own.learning_path_id FROM ONLY laurel.learning_modules own
                WHERE own.organization_id = $1 AND own.id = $2))
        ORDER BY m.title, m.id)",
                                   UUIDOID, UUIDOID, UUIDOID)
                             .Returns(UUIDOID, TEXTOID)
                             .Generic();

constexpr uint64 kMostNamed = 10;

} // namespace

Missing
FindMissing(const Uuid &organization, const Uuid &module, const Uuid &user) {
    const uint64 count =
        find_missing.Run(Access::Write, {FromUuid(organization), FromUuid(module), FromUuid(user)});
    auto *ids = NewList<Datum>(count);
    StringInfoData titles;
    initStringInfo(&titles);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        ids[i] = row.Next();
        const char *title = CString(ToText(row.Next()));
        if (i < kMostNamed)
            appendStringInfo(&titles, "%s\"%s\"", i == 0 ? "" : ", ", title);
    }
    if (count > kMostNamed)
        appendStringInfoString(&titles, " and others");
    return {count, ArrayOf(ids, static_cast<int>(count), UUIDOID), titles.data};
}

} // namespace laurel::learning
