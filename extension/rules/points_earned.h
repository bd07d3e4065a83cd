// Points as events, for rules that listen to them.
#pragma once

namespace laurel::rules {

void InitPointsEarned();

} // namespace laurel::rules
