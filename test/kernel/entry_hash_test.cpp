#include "kernel/entry_hash.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

// Sixteen bytes counting up from the first.
struct Uuid {
    explicit Uuid(unsigned char first) {
        for (unsigned char &byte : bytes)
            byte = first++;
    }

    unsigned char bytes[16];
};

const Uuid kId(0x10), kOrganization(0x20), kUser(0x30), kReference(0x40), kReversed(0x50), kCreator(0x60);
constexpr unsigned char kFirst[32] = {};

// An entry with every field set.
EntryContent
FullEntry() {
    EntryContent entry;
    entry.id = kId.bytes;
    entry.organization_id = kOrganization.bytes;
    entry.user_id = kUser.bytes;
    entry.entry_no = 1;
    entry.amount = -25;
    entry.balance_after = 975;
    entry.occurred_at = 768000000000000;
    entry.created_at = 768000000000001;
    entry.transaction_type = "adjustment";
    entry.reference_type = "Module";
    entry.reference_id = kReference.bytes;
    entry.reason = "typo";
    entry.metadata = "{\"a\": 1}";
    entry.idempotency_key = "key-1";
    entry.reverses_id = kReversed.bytes;
    entry.created_by = kCreator.bytes;
    return entry;
}

// An entry with nothing set that may be null.
EntryContent
BareEntry() {
    EntryContent entry = FullEntry();
    entry.reference_type = entry.reason = entry.metadata = entry.idempotency_key = std::nullopt;
    entry.reference_id = entry.reverses_id = entry.created_by = nullptr;
    return entry;
}

std::string
Hash(const EntryContent &entry, const unsigned char *previous = kFirst) {
    Digest digest{};
    EXPECT_TRUE(HashEntry(previous, entry, &digest));
    return ToHex(digest.bytes, sizeof digest.bytes);
}

// The documented encoding, written down a second time without a buffer.
class PlainEncoding {
public:
    explicit PlainEncoding(const EntryContent &entry) {
        bytes_ = std::string(1, '\1') + std::string(32, '\0');
        for (const unsigned char *uuid : {entry.id, entry.organization_id, entry.user_id})
            bytes_.append(reinterpret_cast<const char *>(uuid), 16);
        for (int64_t value :
             {entry.entry_no, entry.amount, entry.balance_after, entry.occurred_at, entry.created_at})
            Number(static_cast<uint64_t>(value), 8);
        Field(entry.transaction_type);
        Field(entry.reference_type);
        Field(entry.reference_id);
        Field(entry.reason);
        Field(entry.metadata);
        Field(entry.idempotency_key);
        Field(entry.reverses_id);
        Field(entry.created_by);
    }

    std::string Hash() const {
        Digest digest{};
        EXPECT_TRUE(Sha256::Begin() && Sha256::Update(bytes_.data(), bytes_.size()) && Sha256::End(&digest));
        return ToHex(digest.bytes, sizeof digest.bytes);
    }

    size_t Size() const { return bytes_.size(); }

private:
    void Number(uint64_t value, int size) {
        for (int i = size - 1; i >= 0; i--)
            bytes_ += static_cast<char>(value >> (8 * i));
    }

    void Field(std::optional<std::string_view> text) {
        Number(text ? text->size() : 0xFFFFFFFF, 4);
        bytes_ += text.value_or("");
    }

    void Field(const unsigned char *uuid) {
        if (uuid == nullptr)
            return Field(std::optional<std::string_view>());
        Field(std::string_view(reinterpret_cast<const char *>(uuid), 16));
    }

    std::string bytes_;
};

using Change = std::function<void(EntryContent &)>;

// One change to each field, and each optional field made null.
const std::vector<Change> kChanges = {
    [](EntryContent &entry) { entry.id = kCreator.bytes; },
    [](EntryContent &entry) { entry.organization_id = kCreator.bytes; },
    [](EntryContent &entry) { entry.user_id = kCreator.bytes; },
    [](EntryContent &entry) { entry.entry_no = 2; },
    [](EntryContent &entry) { entry.amount = -26; },
    [](EntryContent &entry) { entry.amount = 25; },
    [](EntryContent &entry) { entry.balance_after = 976; },
    [](EntryContent &entry) { entry.occurred_at += 1; },
    [](EntryContent &entry) { entry.created_at += 1; },
    [](EntryContent &entry) { entry.transaction_type = "adjustmenT"; },
    [](EntryContent &entry) { entry.reference_type = "Course"; },
    [](EntryContent &entry) { entry.reference_type = std::nullopt; },
    [](EntryContent &entry) { entry.reference_id = kId.bytes; },
    [](EntryContent &entry) { entry.reference_id = nullptr; },
    [](EntryContent &entry) { entry.reason = "typo "; },
    [](EntryContent &entry) { entry.reason = std::nullopt; },
    [](EntryContent &entry) { entry.metadata = "{\"a\": 2}"; },
    [](EntryContent &entry) { entry.metadata = std::nullopt; },
    [](EntryContent &entry) { entry.idempotency_key = "key-2"; },
    [](EntryContent &entry) { entry.idempotency_key = std::nullopt; },
    [](EntryContent &entry) { entry.reverses_id = kId.bytes; },
    [](EntryContent &entry) { entry.reverses_id = nullptr; },
    [](EntryContent &entry) { entry.created_by = kId.bytes; },
    [](EntryContent &entry) { entry.created_by = nullptr; },
};

} // namespace

TEST(EntryHash, stored_hashes_become_invalid) {
    EXPECT_EQ(Hash(FullEntry()), "d0398d82778124a492e40d6adc83e5f4e73282a5bcb852a5ac0761a88b849e72");
    EXPECT_EQ(Hash(BareEntry()), "89eca63bbd59bd7c1c4c70915c45e98f989791c0581beba756c548c593fdd6cf");
}

TEST(EntryHash, changed_field_goes_unnoticed) {
    std::set<std::string> hashes{Hash(FullEntry())};
    for (size_t i = 0; i < kChanges.size(); i++) {
        EntryContent entry = FullEntry();
        kChanges[i](entry);
        EXPECT_TRUE(hashes.insert(Hash(entry)).second) << "change " << i;
    }
}

TEST(EntryHash, any_bit_of_a_required_uuid_goes_unnoticed) {
    std::set<std::string> hashes{Hash(FullEntry())};
    Uuid changed(0);
    for (auto field : {&EntryContent::id, &EntryContent::organization_id, &EntryContent::user_id})
        for (int bit = 0; bit < 128; bit++) {
            EntryContent entry = FullEntry();
            std::copy_n(entry.*field, 16, changed.bytes);
            changed.bytes[bit / 8] ^= static_cast<unsigned char>(1 << bit % 8);
            entry.*field = changed.bytes;
            EXPECT_TRUE(hashes.insert(Hash(entry)).second) << bit;
        }
}

TEST(EntryHash, any_bit_of_the_previous_hash_goes_unnoticed) {
    std::set<std::string> hashes{Hash(FullEntry())};
    for (int bit = 0; bit < 256; bit++) {
        unsigned char previous[32] = {};
        previous[bit / 8] = static_cast<unsigned char>(1 << bit % 8);
        EXPECT_TRUE(hashes.insert(Hash(FullEntry(), previous)).second) << bit;
    }
}

TEST(EntryHash, null_equals_empty) {
    for (auto field : {&EntryContent::reference_type, &EntryContent::reason, &EntryContent::metadata,
                       &EntryContent::idempotency_key}) {
        EntryContent null = BareEntry();
        EntryContent empty = BareEntry();
        empty.*field = "";
        EXPECT_NE(Hash(null), Hash(empty));
    }
}

TEST(EntryHash, text_moves_between_fields_unnoticed) {
    std::set<std::string> hashes;
    for (const auto &[reason, metadata] : {std::pair{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}}) {
        EntryContent entry = BareEntry();
        entry.reason = reason;
        entry.metadata = metadata;
        EXPECT_TRUE(hashes.insert(Hash(entry)).second) << reason << '|' << metadata;
    }
}

TEST(EntryHash, text_that_imitates_the_next_field) {
    using namespace std::string_view_literals;
    EntryContent honest = BareEntry();
    honest.reason = "x";
    honest.metadata = "y";
    EntryContent forged = BareEntry();
    forged.reason = "x\0\0\0\1y"sv;
    EXPECT_NE(Hash(honest), Hash(forged));
}

TEST(EntryHash, uuid_moves_between_fields_unnoticed) {
    std::set<std::string> hashes;
    for (auto field : {&EntryContent::reference_id, &EntryContent::reverses_id, &EntryContent::created_by}) {
        EntryContent entry = BareEntry();
        entry.*field = kReference.bytes;
        EXPECT_TRUE(hashes.insert(Hash(entry)).second);
    }
}

TEST(EntryHash, long_entry_hashed_otherwise_than_documented) {
    size_t smallest = SIZE_MAX;
    for (size_t size = 0; size < 1200; size++) {
        const std::string text(size, 'x');
        EntryContent entry = FullEntry();
        entry.reason = text;
        const PlainEncoding plain(entry);
        ASSERT_EQ(Hash(entry), plain.Hash()) << size;
        smallest = std::min(smallest, plain.Size());
    }
    EXPECT_LT(smallest, 512U);
}

TEST(EntryHash, random_entry_hashed_otherwise_than_documented) {
    std::mt19937 random(180);
    for (int round = 0; round < 2000; round++) {
        std::string texts[3];
        for (std::string &text : texts)
            text.assign(random() % 700, static_cast<char>(random()));
        EntryContent entry = random() % 2 ? FullEntry() : BareEntry();
        entry.amount = static_cast<int64_t>((uint64_t{random()} << 32) | random());
        entry.transaction_type = texts[0];
        if (random() % 2)
            entry.reason = texts[1];
        if (random() % 2)
            entry.metadata = texts[2];
        ASSERT_EQ(Hash(entry), PlainEncoding(entry).Hash()) << round;
    }
}

TEST(EntryHash, missing_uuid_read) {
    for (auto field : {&EntryContent::id, &EntryContent::organization_id, &EntryContent::user_id}) {
        EntryContent entry = FullEntry();
        entry.*field = nullptr;
        Digest digest{};
        EXPECT_FALSE(HashEntry(kFirst, entry, &digest));
    }
}

TEST(EntryHash, endless_text_read) {
    EntryContent entry = FullEntry();
    entry.reason = std::string_view("x", size_t{0xFFFFFFFF});
    Digest digest{};
    EXPECT_FALSE(HashEntry(kFirst, entry, &digest));
}
