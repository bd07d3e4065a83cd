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

// Words as they enter an entry, salted.
Digest
Words(std::string_view text, unsigned char salt = 0x70) {
    Digest digest{};
    EXPECT_TRUE(HashWords(Uuid(salt).bytes, text, &digest));
    return digest;
}

const Uuid kId(0x10), kOrganization(0x20), kUser(0x30), kReference(0x40), kReversed(0x50), kCreator(0x60);
constexpr unsigned char kFirst[32] = {};
const Digest kReason = Words("typo"), kMetadata = Words("{\"a\": 1}"), kKey = Words("key-1"),
             kOther = Words("other");

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
    entry.reason = &kReason;
    entry.metadata = &kMetadata;
    entry.idempotency_key = &kKey;
    entry.reverses_id = kReversed.bytes;
    entry.created_by = kCreator.bytes;
    return entry;
}

// An entry with nothing set that may be null.
EntryContent
BareEntry() {
    EntryContent entry = FullEntry();
    entry.reference_type = std::nullopt;
    entry.reason = entry.metadata = entry.idempotency_key = nullptr;
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
        bytes_ = std::string(1, '\2') + std::string(32, '\0');
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

    void Field(const Digest *words) {
        if (words == nullptr)
            return Field(std::optional<std::string_view>());
        Field(std::string_view(reinterpret_cast<const char *>(words->bytes), sizeof words->bytes));
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
    [](EntryContent &entry) { entry.reason = &kOther; },
    [](EntryContent &entry) { entry.reason = nullptr; },
    [](EntryContent &entry) { entry.metadata = &kOther; },
    [](EntryContent &entry) { entry.metadata = nullptr; },
    [](EntryContent &entry) { entry.idempotency_key = &kOther; },
    [](EntryContent &entry) { entry.idempotency_key = nullptr; },
    [](EntryContent &entry) { entry.reverses_id = kId.bytes; },
    [](EntryContent &entry) { entry.reverses_id = nullptr; },
    [](EntryContent &entry) { entry.created_by = kId.bytes; },
    [](EntryContent &entry) { entry.created_by = nullptr; },
};

} // namespace

TEST(EntryHash, stored_hashes_become_invalid) {
    EXPECT_EQ(Hash(FullEntry()), "d7e0d5a4b9c42c2257c795fa69c2736732df73817629e433d1ec55f2b23fac36");
    EXPECT_EQ(Hash(BareEntry()), "c2dd09570f30eb8c0af63b0dbb12c4a87ff95b648b71bc5e0d8cd773e33e20e5");
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
    EntryContent null = BareEntry();
    EntryContent empty = BareEntry();
    empty.reference_type = "";
    EXPECT_NE(Hash(null), Hash(empty));
    const Digest nothing = Words("");
    for (auto field : {&EntryContent::reason, &EntryContent::metadata, &EntryContent::idempotency_key}) {
        empty = BareEntry();
        empty.*field = &nothing;
        EXPECT_NE(Hash(null), Hash(empty));
    }
}

TEST(EntryHash, words_move_between_fields_unnoticed) {
    std::set<std::string> hashes;
    for (auto field : {&EntryContent::reason, &EntryContent::metadata, &EntryContent::idempotency_key}) {
        EntryContent entry = BareEntry();
        entry.*field = &kReason;
        EXPECT_TRUE(hashes.insert(Hash(entry)).second);
    }
}

TEST(EntryHash, text_that_imitates_the_next_field) {
    using namespace std::string_view_literals;
    EntryContent honest = BareEntry();
    honest.transaction_type = "x";
    honest.reference_type = "y";
    EntryContent forged = BareEntry();
    forged.transaction_type = "x\0\0\0\1y"sv;
    EXPECT_NE(Hash(honest), Hash(forged));
}

TEST(EntryHash, erased_words_guessed_from_another_entry) {
    EXPECT_EQ(ToHex(Words("typo").bytes, 32), ToHex(kReason.bytes, 32));
    EXPECT_NE(ToHex(Words("typo", 0x71).bytes, 32), ToHex(kReason.bytes, 32));
    EXPECT_NE(ToHex(Words("typp").bytes, 32), ToHex(kReason.bytes, 32));
}

TEST(EntryHash, words_hashed_otherwise_than_documented) {
    const std::string plain = std::string(reinterpret_cast<const char *>(Uuid(0x70).bytes), 16) + "typo";
    Digest digest{};
    EXPECT_TRUE(Sha256::Begin() && Sha256::Update(plain.data(), plain.size()) && Sha256::End(&digest));
    EXPECT_EQ(ToHex(digest.bytes, 32), ToHex(kReason.bytes, 32));
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
        entry.transaction_type = text;
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
            entry.reference_type = texts[1];
        const Digest words = Words(texts[2]);
        if (random() % 2)
            entry.metadata = &words;
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
    entry.reference_type = std::string_view("x", size_t{0xFFFFFFFF});
    Digest digest{};
    EXPECT_FALSE(HashEntry(kFirst, entry, &digest));
}
