// Attempts that are locked, and what may be done with them.
//
// Lock order: the beneficiary where an attempt begins, the attempt, its answers, its assessment, then what is
// told.
#pragma once

#include "access/caller.h"
#include "postgres/parameters.h"
#include "postgres/spi.h"

namespace laurel::assessments {

// Who asks, before he has become the owner.
struct Asking {
    bool trusted;
    access::Caller caller;

    bool Is(const Uuid &organization, const Uuid &user) const {
        return caller.known && caller.user == user && caller.has_organization &&
               caller.organization == organization;
    }
};

Asking Ask();

// An attempt whose row is locked until the transaction ends.
struct Attempt {
    Uuid organization, id, assessment, beneficiary, user;
    int32 number;
    std::string_view status;
    const char *due; // null for no limit
    bool is_late;
    Datum questions, versions;
    Nullable session_hash;

    bool IsOpen() const { return status == "in_progress"; }
};

// The attempt; false where there is none. Run with SPI open, as the owner of the tables.
bool LockAttempt(const Uuid &id, Attempt *attempt);

// The attempt of who takes it, or of a trusted caller; 23503 for everybody else, whether there is one or not.
Attempt LockOwnAttempt(const Asking &asking, const Uuid &id);

// Refuses (PT409) an attempt that takes no answers any more.
void RequireInTime(const Attempt &attempt);

// Refuses (PT409) where another session was opened since; who is trusted may name none.
void RequireSession(const Asking &asking, const Attempt &attempt, const Nullable &key);

// Writes answers, an object by the ids of questions, of an attempt that takes them. Returns how many are new
// or other than before.
uint64 SaveAnswers(const Attempt &attempt, Datum answers, const Nullable &times);

// Grades what keys can grade of an attempt that is locked and in progress, and closes it; its result comes
// with it where nobody has to mark.
void Submit(const Attempt &attempt);

// Writes the result of an attempt whose answers are all graded. Called once for each attempt.
void WriteResult(const Attempt &attempt);

// After a mark: makes the result where nothing waits any more, or corrects the one there is. Whether it did.
bool SettleAttempt(const Attempt &attempt);

} // namespace laurel::assessments
