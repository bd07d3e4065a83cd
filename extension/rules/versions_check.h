// laurel.check() proves that rules are what their versions say.
#pragma once

namespace laurel::rules {

void InitVersionsCheck();

} // namespace laurel::rules
