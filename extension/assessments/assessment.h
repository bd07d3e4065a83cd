// An assessment that somebody takes, and why not.
#pragma once

#include "postgres/parameters.h"
#include "postgres/spi.h"

namespace laurel::assessments {

struct Assessment {
    Uuid organization, id;
    Nullable beneficiary;
    std::string_view status;
    Nullable opens, closes;
    bool is_early, is_late, shuffles;
};

// The assessment; false where there is none. Run with SPI open, as the owner of the tables.
bool FindAssessment(const Uuid &id, Assessment *found);

// The enrolment by which a member takes it, locked until the transaction ends; 23503 where there is none.
// Field(0, 1) is its id, Field(0, 2) whether it is active.
void LockBeneficiary(const Assessment &assessment, const Uuid &user);

// Refuses with constraint assessment_attempts_<constraint>.
[[noreturn]] void RefuseAttempt(int sqlstate, const char *constraint, const char *message, const char *detail,
                                const char *hint);

// Tells nobody whether there is such an assessment.
[[noreturn]] void RefuseAssessment(const Uuid &id);

} // namespace laurel::assessments
