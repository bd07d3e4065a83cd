// What a credential says.
#pragma once

#include "credentials/issuer.h"

namespace laurel::credentials {

// An award, its badge and its holder; texts are palloc'd, empty where there is none.
struct AwardFacts {
    Uuid badge;
    std::string_view badge_name, description, criteria, icon, evidence, evidence_url, email, did;
    TimestampTz awarded, until; // until: infinity where it does not end
    bool is_erased;             // its holder has asked to be forgotten since
};

// Where a credential stands in the list of what was revoked.
struct StatusPlace {
    int32 list_no, index;
};

// Reads them; false where there is no such award.
bool ReadAward(const Uuid &award, AwardFacts *facts);

// Refuses (23514) what no credential can be made of.
void RequireCredible(const AwardFacts &facts, const Issuer &issuer);

// The credential, not signed yet.
Jsonb *CredentialDocument(const char *id, const Uuid &user, const AwardFacts &facts, const Issuer &issuer,
                          const StatusPlace &place);

// The holder's id; null where a hash names him.
const char *SubjectId(const Uuid &user, const AwardFacts &facts, Recipient recipient);

} // namespace laurel::credentials
