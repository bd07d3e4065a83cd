#include "access/caller.h"
#include "access/table_sizes.h"
#include "badges/earning.h"
#include "badges/listening.h"
#include "credentials/keys.h"
#include "deliveries/places.h"
#include "guards/derived_write.h"
#include "guards/rules.h"
#include "leaderboards/marks.h"
#include "messaging/blocks.h"
#include "personal/announcements.h"
#include "personal/readings.h"
#include "points/archive.h"
#include "points/posting.h"
#include "points/settings.h"
#include "postgres/bridge.h"
#include "postgres/foreign_code.h"
#include "postgres/foreign_conditions.h"
#include "postgres/kept_conditions.h"
#include "postgres/table_locks.h"
#include "rules/chain.h"
#include "rules/points_earned.h"
#include "rules/streak_extended.h"
#include "rules/rule.h"
#include "rules/versions_check.h"
#include "streaks/freezes_check.h"
#include "secrets/keys.h"
#include "settings/settings.h"
#include "teams/challenge_listening.h"
#include "teams/challenges.h"
#include "teams/challenges_check.h"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void
_PG_init(void) {
    laurel::boundary([] {
        laurel::access::InitCaller();
        laurel::access::InitTableSizes();
        laurel::guards::InitDerivedWrites();
        laurel::guards::InitRules();
        laurel::deliveries::InitPlaces();
        laurel::leaderboards::InitMarks();
        laurel::messaging::InitBlocks();
        laurel::personal::InitReadings();
        laurel::personal::InitAnnouncements();
        laurel::points::InitSettings();
        laurel::points::InitPosting();
        laurel::teams::InitChallengeListening();
        laurel::teams::InitChallenges();
        laurel::teams::InitChallengesCheck();
        laurel::badges::InitListening();
        laurel::badges::InitEarning();
        laurel::points::InitArchive();
        laurel::rules::InitChain();
        laurel::rules::InitRuleMemory();
        laurel::rules::InitVersionsCheck();
        laurel::streaks::InitFreezesCheck();
        laurel::rules::InitPointsEarned();
        laurel::rules::InitStreakExtended();
        laurel::InitForeignCode();
        laurel::InitKeptConditions();
        laurel::InitForeignConditions();
        laurel::InitTableLocks();
        laurel::secrets::InitKeys();
        laurel::settings::InitSettings();
        laurel::credentials::InitCredentialKeys();
    });
}
