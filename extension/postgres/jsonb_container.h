// Large jsonb put together from parts that are jsonb already: without taking them apart again, as
// pushJsonbValue() does, which needs ten times their memory. What stands here is how Postgres stores jsonb
// (utils/jsonb.h).
#pragma once

#include "pg.h"

namespace laurel {

// An array or object under construction whose elements are arrays and objects.
class JsonbContainerOf {
public:
    // Postgres cannot store more than that in one array or object.
    static constexpr int kMostBytes = JENTRY_OFFLENMASK;

    JsonbContainerOf() {
        initStringInfo(&entries_);
        initStringInfo(&data_);
    }
    JsonbContainerOf(const JsonbContainerOf &) = delete;
    JsonbContainerOf &operator=(const JsonbContainerOf &) = delete;

    int count() const { return count_; }
    int bytes() const { return data_.len + entries_.len; }

protected:
    // A child as it stands in another jsonb, aligned as there.
    void AddChild(const Jsonb *json) {
        const int begin = data_.len;
        static constexpr char padding[sizeof(int)] = {};
        appendBinaryStringInfo(&data_, padding, static_cast<int>(INTALIGN(begin)) - begin);
        appendBinaryStringInfo(&data_, reinterpret_cast<const char *>(&json->root),
                               static_cast<int>(VARSIZE(json) - VARHDRSZ));
        AddEntry(JENTRY_ISCONTAINER, begin);
    }

    void AddKey(std::string_view key) {
        const int begin = data_.len;
        appendBinaryStringInfo(&data_, key.data(), static_cast<int>(key.size()));
        AddEntry(JENTRY_ISSTRING, begin);
    }

    Jsonb *Finish(uint32 kind, int count) {
        const uint32 header = kind | static_cast<uint32>(count);
        const Size size = VARHDRSZ + sizeof(header) + static_cast<Size>(entries_.len + data_.len);
        auto *json = static_cast<Jsonb *>(palloc(size));
        SET_VARSIZE(json, size);
        json->root.header = header;
        char *body = VARDATA(json) + sizeof(header);
        std::memcpy(body, entries_.data, static_cast<size_t>(entries_.len));
        std::memcpy(body + entries_.len, data_.data, static_cast<size_t>(data_.len));
        pfree(entries_.data);
        pfree(data_.data);
        return json;
    }

private:
    // Lengths, and now and then where one ends, so that any is found after a few steps.
    void AddEntry(JEntry type, int begin) {
        const bool says_end = count_++ % JB_OFFSET_STRIDE == 0;
        const auto size = static_cast<JEntry>(says_end ? data_.len : data_.len - begin);
        const JEntry entry = type | size | (says_end ? JENTRY_HAS_OFF : 0);
        appendBinaryStringInfo(&entries_, reinterpret_cast<const char *>(&entry), sizeof(entry));
    }

    StringInfoData entries_, data_;
    int count_ = 0;
};

// An array of objects and arrays.
class JsonbArrayOf : public JsonbContainerOf {
public:
    void Add(const Jsonb *element) { AddChild(element); }
    Jsonb *Finish() { return JsonbContainerOf::Finish(JB_FARRAY, count()); }
};

// A member of an object.
struct JsonbMember {
    std::string_view key;
    const Jsonb *value; // an object or array

    // As jsonb sorts its keys.
    friend bool operator<(const JsonbMember &a, const JsonbMember &b) {
        return a.key.size() != b.key.size() ? a.key.size() < b.key.size() : a.key < b.key;
    }
};

// An object whose members are objects and arrays, each key once; sorts what it is given.
class JsonbObjectOf : public JsonbContainerOf {
public:
    static Jsonb *Of(JsonbMember *members, int count) {
        std::sort(members, members + count);
        JsonbObjectOf object;
        for (int i = 0; i < count; i++)
            object.AddKey(members[i].key);
        for (int i = 0; i < count; i++)
            object.AddChild(members[i].value);
        return object.JsonbContainerOf::Finish(JB_FOBJECT, count);
    }
};

} // namespace laurel
