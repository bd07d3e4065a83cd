#pragma once

#include "deliveries/channel.h"
#include "settings/settings.h"

namespace laurel::worker {

// E-mail by SMTP. The message has to, to_name, subject, text, html, unsubscribe and attachments. What the
// server calls temporary (4xx) is tried again, what it calls permanent (5xx) is dead, unless it speaks of us
// and not of the message: then somebody has to mend the configuration, and nothing is lost meanwhile.
class Email : public Channel {
public:
    explicit Email(const Settings &settings) : settings_(settings) {}

    Lane LaneOf(const Transfer &transfer) const override;
    void Prepare(Transfer &transfer) const override;
    void Judge(const Transfer &transfer, CURLcode result, Outcome &outcome) const override;

    // Sets up all of a handle but its message: where the server is and how to sign in.
    void PrepareConnection(CURL *easy) const;

private:
    std::string Url() const;

    const Settings &settings_;
};

} // namespace laurel::worker
