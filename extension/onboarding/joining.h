// Onboardings that begin by themselves.
#pragma once

namespace laurel::onboarding {

// Under which name laurel.job_failures says that joining began no onboarding.
constexpr const char *kJoiningJob = "onboarding on joining";

// Begins what did not begin when somebody joined. As the owner, with SPI open.
void StartMissed();

} // namespace laurel::onboarding
