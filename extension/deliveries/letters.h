// Letters: e-mails to addresses that need not be a member's, with a token that their reader proves something
// by. The token is made when the letter is handed out to be sent; what is stored is its hash.
#pragma once

#include "deliveries/messages.h"

namespace laurel::deliveries {

// Puts a letter into the outbox: about the invitation or the one-time token of that id. Runs in the SPI
// connection that is open, as the tables' owner.
void SendLetter(const Uuid &organization, const Uuid &letter);

// What the letter of a delivery says, with a token of its own, which holds from now on; those of earlier
// letters are void. Runs as MessageOf() does.
Message LetterMessage(const Leased &delivery, TimestampTz now, notifications::Templates *templates);

} // namespace laurel::deliveries
