#include "entry_hash.h"

#include "uuid7.h"

#include <cstring>

namespace laurel::kernel {

namespace {

constexpr unsigned char kVersion = 2;
constexpr uint32_t kNull = 0xFFFFFFFF;

// Gathers an encoding on the stack, so that an ordinary entry reaches OpenSSL in one piece; a longer one is
// streamed.
class Encoder {
public:
    Encoder(bool (*take)(void *, const void *, size_t), void *taker) : take_(take), taker_(taker) {}

    // Appends bytes as they are.
    void Bytes(const void *data, size_t size) noexcept {
        if (size > sizeof(buffer_) - used_)
            Flush();
        if (size > sizeof(buffer_)) {
            sound_ = sound_ && take_(taker_, data, size);
            return;
        }
        if (size > 0)
            memcpy(buffer_ + used_, data, size);
        used_ += size;
    }

    // Appends an integer, most significant byte first.
    template <typename Unsigned> void BigEndian(Unsigned value) noexcept {
        unsigned char bytes[sizeof(Unsigned)];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = static_cast<unsigned char>(value >> (8 * (sizeof bytes - 1 - i)));
        Bytes(bytes, sizeof bytes);
    }

    // Appends a signed integer in two's complement.
    void Integer(int64_t value) noexcept { BigEndian(static_cast<uint64_t>(value)); }

    // Appends a length and a text, or the mark of null.
    void Text(const std::optional<std::string_view> &text) noexcept {
        if (!text)
            return BigEndian(kNull);
        sound_ = sound_ && text->size() < kNull;
        BigEndian(static_cast<uint32_t>(text->size()));
        Bytes(text->data(), text->size());
    }

    // Appends a length and a uuid, or the mark of null.
    void Uuid(const unsigned char *uuid) noexcept {
        if (uuid == nullptr)
            return BigEndian(kNull);
        BigEndian(static_cast<uint32_t>(kUuidSize));
        Bytes(uuid, kUuidSize);
    }

    // Appends a length and a digest, or the mark of null.
    void Words(const Digest *digest) noexcept {
        if (digest == nullptr)
            return BigEndian(kNull);
        BigEndian(static_cast<uint32_t>(sizeof(Digest)));
        Bytes(digest->bytes, sizeof(Digest));
    }

    // Hands over the rest and says whether everything arrived.
    bool Finish() noexcept {
        Flush();
        return sound_;
    }

private:
    void Flush() noexcept {
        sound_ = sound_ && take_(taker_, buffer_, used_);
        used_ = 0;
    }

    bool (*take_)(void *, const void *, size_t);
    void *taker_;
    size_t used_ = 0;
    bool sound_ = true;
    unsigned char buffer_[512];
};

// The part of an entry that always takes the same room.
void
EncodeFixed(Encoder &encoder, const unsigned char *previous, const EntryContent &entry) noexcept {
    encoder.Bytes(&kVersion, sizeof kVersion);
    encoder.Bytes(previous, sizeof(Digest));
    encoder.Bytes(entry.id, kUuidSize);
    encoder.Bytes(entry.organization_id, kUuidSize);
    encoder.Bytes(entry.user_id, kUuidSize);
    encoder.Integer(entry.entry_no);
    encoder.Integer(entry.amount);
    encoder.Integer(entry.balance_after);
    encoder.Integer(entry.occurred_at);
    encoder.Integer(entry.created_at);
}

// The part of an entry that says its own length.
void
EncodeVariable(Encoder &encoder, const EntryContent &entry) noexcept {
    encoder.Text(entry.transaction_type);
    encoder.Text(entry.reference_type);
    encoder.Uuid(entry.reference_id);
    encoder.Words(entry.reason);
    encoder.Words(entry.metadata);
    encoder.Words(entry.idempotency_key);
    encoder.Uuid(entry.reverses_id);
    encoder.Uuid(entry.created_by);
}

} // namespace

bool
HashWords(const unsigned char salt[kSaltSize], std::string_view text, Digest *digest) noexcept {
    return Sha256::Begin() && Sha256::Update(salt, kSaltSize) && Sha256::Update(text.data(), text.size()) &&
           Sha256::End(digest);
}

bool
EncodeEntry(const unsigned char previous[32], const EntryContent &entry,
            bool (*take)(void *, const void *, size_t), void *taker) noexcept {
    if (entry.id == nullptr || entry.organization_id == nullptr || entry.user_id == nullptr)
        return false;
    Encoder encoder(take, taker);
    EncodeFixed(encoder, previous, entry);
    EncodeVariable(encoder, entry);
    return encoder.Finish();
}

bool
HashEntry(const unsigned char previous[32], const EntryContent &entry, Digest *digest) noexcept {
    const auto update = [](void *, const void *data, size_t size) { return Sha256::Update(data, size); };
    return Sha256::Begin() && EncodeEntry(previous, entry, update, nullptr) && Sha256::End(digest);
}

} // namespace laurel::kernel
