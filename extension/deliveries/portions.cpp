#include "deliveries/portions.h"

namespace laurel::deliveries {

namespace {

struct Key {
    Uuid organization;
    int32 channel;
};

struct Portion {
    Key key;
    int32 left;
};

HTAB *
NewTable() {
    HASHCTL control = {};
    control.keysize = sizeof(Key);
    control.entrysize = sizeof(Portion);
    control.hcxt = CurrentMemoryContext;
    return hash_create("laurel portions", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

} // namespace

Portions::Portions() {
    std::fill(std::begin(each_), std::end(each_), PG_INT32_MAX);
}

void
Portions::Set(int channel, const Uuid &organization, int rows) {
    if (own_ == nullptr)
        own_ = NewTable();
    const Key key = {organization, channel};
    static_cast<Portion *>(hash_search(own_, &key, HASH_ENTER, nullptr))->left = rows;
    spent_[channel] = spent_[channel] || rows <= 0;
}

void
Portions::Bound(int channel, const Uuid &organization, int rows) {
    if (rows < Left(channel, organization))
        Set(channel, organization, rows);
}

int
Portions::Left(int channel, const Uuid &organization) const {
    if (own_ == nullptr)
        return each_[channel];
    const Key key = {organization, channel};
    const auto *own = static_cast<const Portion *>(hash_search(own_, &key, HASH_FIND, nullptr));
    return own == nullptr ? each_[channel] : own->left;
}

void
Portions::Take(int channel, const Uuid &organization, int rows) {
    if (IsBound(channel) && Left(channel, organization) != PG_INT32_MAX)
        Set(channel, organization, Left(channel, organization) - rows);
}

} // namespace laurel::deliveries
