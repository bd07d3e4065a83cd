// Settings of the application.
#pragma once

namespace laurel::settings {

void InitSettings();

} // namespace laurel::settings
