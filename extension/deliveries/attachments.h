// What an e-mail carries beside its text.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// An array as laurel_internal.attaches() has it, null where there is nothing to carry; or why the message can
// never be sent.
struct Attachments {
    Jsonb *json = nullptr;
    const char *wrong = nullptr;
};

// Asks the function that is named for the type of the notification. Runs as MessageOf() does.
Attachments AttachmentsOf(const Leased &delivery, std::string_view mail_from);

} // namespace laurel::deliveries
