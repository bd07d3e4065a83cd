// Uuids that are numbered as they come.
#pragma once

#include "datum.h"
#include "list.h"

namespace laurel {

// Numbers each uuid once: 0, 1, 2 ...
class UuidNumbers {
public:
    explicit UuidNumbers(MemoryContext memory = CurrentMemoryContext) : memory_(memory) {}

    // The number of a uuid; the next one where it has none.
    uint32 Of(const Uuid &id) {
        if (count_ * 2 >= room_)
            Grow();
        Place *place = Find(id);
        if (place->number == 0)
            *place = {id, ++count_};
        return place->number - 1;
    }

    // Whether a uuid has a number.
    bool Has(const Uuid &id) const { return count_ > 0 && Find(id)->number != 0; }

private:
    // The number is one higher; 0 where there is no uuid.
    struct Place {
        Uuid id;
        uint32 number;
    };

    // Where a uuid is, or may come.
    Place *Find(const Uuid &id) const {
        for (uint32 at = hash_bytes(id.bytes, UUID_LEN);; at++) {
            Place *place = places_ + (at & (room_ - 1));
            if (place->number == 0 || place->id == id)
                return place;
        }
    }

    void Grow() {
        if (room_ > PG_UINT32_MAX / 2)
            elog(ERROR, "too many uuids");
        const UuidNumbers old = *this;
        room_ = std::max<uint32>(64, room_ * 2);
        places_ = NewList<Place>(room_, memory_);
        std::fill_n(places_, room_, Place());
        for (const Place *place = old.places_; place != old.places_ + old.room_; place++)
            if (place->number != 0)
                *Find(place->id) = *place;
        if (old.places_ != nullptr)
            pfree(old.places_);
    }

    MemoryContext memory_;
    Place *places_ = nullptr;
    uint32 count_ = 0, room_ = 0; // room_: a power of two
};

} // namespace laurel
