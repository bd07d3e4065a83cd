#include "secrets/keys.h"

#include "kernel/hmac.h"
#include "kernel/key_lines.h"
#include "postgres/error.h"

extern "C" {
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
}

namespace laurel::secrets {

namespace {

constexpr const char *kHint = "It is a file of the server's user alone (0600), no link, with a key of 64 "
                              "hexadecimal digits a line: the "
                              "first encrypts, others are for reading. scripts/personal-key.sh makes one.";

constexpr size_t kLongestFile = kernel::kMostKeys * (2 * kernel::kKeySize + 1);

// What the file was like when it was read.
struct Mark {
    dev_t device;
    ino_t inode;
    off_t size;
    timespec changed;

    friend bool operator==(const Mark &a, const Mark &b) {
        return a.device == b.device && a.inode == b.inode && a.size == b.size &&
               a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
    }
};

constinit char *file_setting = nullptr;
constinit Key keys[kernel::kMostKeys] = {};
constinit int key_count = 0;
constinit bool is_read = false;
constinit Mark mark = {};
constinit TimestampTz looked_at = 0; // the statement that looked last

[[noreturn]] void
RefuseFile(const char *problem) {
    key_count = 0;
    is_read = false;
    ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
                    errmsg("the key file of personal values cannot be used: %s", problem),
                    errdetail_log("laurel.personal_key_file is %s.", file_setting), errhint("%s", kHint)));
    pg_unreachable();
}

// An open file that is closed whatever is found.
struct Found {
    struct stat status;
    char text[kLongestFile + 1];
    ssize_t length = -1;
    const char *problem = nullptr;
    int error = 0;
};

const char *
ProblemOf(const struct stat &status) {
    if (!S_ISREG(status.st_mode))
        return "it is no ordinary file";
    if (status.st_uid != geteuid())
        return "it does not belong to the server's user";
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "others than its owner may read or write it";
    if (status.st_size > static_cast<off_t>(kLongestFile))
        return "it is too long";
    return nullptr;
}

// Not to wait for a pipe, not to follow a link.
void
ReadFile(Found *found) {
    const int file = open(file_setting, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || fstat(file, &found->status) != 0)
        found->error = errno;
    else
        found->problem = ProblemOf(found->status);
    if (found->error == 0 && found->problem == nullptr) {
        found->length = read(file, found->text, sizeof(found->text));
        found->error = found->length < 0 ? errno : 0;
    }
    if (file >= 0)
        close(file);
    if (found->error != 0)
        found->problem = found->error == ELOOP    ? "it is a symbolic link"
                         : found->error == ENOENT ? "it is not there"
                                                  : "it cannot be read";
}

bool
Derive(const unsigned char key[kernel::kKeySize], std::string_view purpose, kernel::Digest *derived) {
    return kernel::HmacSha256({reinterpret_cast<const char *>(key), kernel::kKeySize}, purpose, derived);
}

void
MakeKey(const unsigned char bytes[kernel::kKeySize], Key *key) {
    kernel::Digest name, password;
    if (!Derive(bytes, "laurel personal 1 name", &name) ||
        !Derive(bytes, "laurel personal 1 encryption", &password) ||
        !Derive(bytes, "laurel personal 1 binding", &key->binding) ||
        !Derive(bytes, "laurel personal 1 digest", &key->digest))
        RefuseFile("OpenSSL makes nothing of it");
    key->id = static_cast<uint32>(name.bytes[0]) << 24 | static_cast<uint32>(name.bytes[1]) << 16 |
              static_cast<uint32>(name.bytes[2]) << 8 | name.bytes[3];
    for (size_t i = 0; i < sizeof(password.bytes); i++)
        snprintf(key->password + 2 * i, 3, "%02x", password.bytes[i]);
    explicit_bzero(&password, sizeof(password));
}

void
TakeKeys(const Found &found) {
    kernel::KeyLines lines;
    kernel::ReadKeyLines({found.text, static_cast<size_t>(found.length)}, &lines);
    if (lines.fault != nullptr) {
        explicit_bzero(&lines.keys, sizeof(lines.keys));
        RefuseFile(psprintf("of line %d, %s", lines.count + 1, lines.fault));
    }
    for (int i = 0; i < lines.count; i++)
        MakeKey(lines.keys[i], &keys[i]);
    key_count = lines.count;
    explicit_bzero(&lines.keys, sizeof(lines.keys));
}

Mark
MarkOf(const struct stat &status) {
    return {status.st_dev, status.st_ino, status.st_size, status.st_ctim};
}

// Whether what was read is what the file says now, with its rights, which change its time too.
bool
IsAsRead() {
    struct stat status;
    return is_read && lstat(file_setting, &status) == 0 && MarkOf(status) == mark;
}

void
Read() {
    if (file_setting[0] != '/')
        RefuseFile("its path does not begin with /");
    Found found;
    ReadFile(&found);
    if (found.problem != nullptr)
        RefuseFile(found.problem);
    is_read = false;
    TakeKeys(found);
    explicit_bzero(found.text, sizeof(found.text));
    mark = MarkOf(found.status);
    is_read = true;
}

void
AssignFile(const char *, void *) {
    is_read = false;
    looked_at = 0;
}

} // namespace

const Key *
Keys::Find(uint32 id) const {
    const Key *found = std::find_if(begin(), end(), [id](const Key &key) { return key.id == id; });
    return found == end() ? nullptr : found;
}

Keys
CurrentKeys() {
    if (file_setting == nullptr || *file_setting == '\0')
        return {keys, 0};
    const TimestampTz statement = GetCurrentStatementStartTimestamp();
    if (!is_read || statement != looked_at) {
        looked_at = 0;
        if (!IsAsRead())
            Read();
        looked_at = statement;
    }
    return {keys, key_count};
}

const Key &
ActiveKey() {
    const Keys current = CurrentKeys();
    if (current.count == 0)
        Refuse({.sqlstate = ERRCODE_CONFIG_FILE_ERROR,
                .message = "there is no key to encrypt personal values with",
                .hint = "Make one with scripts/personal-key.sh and name it in postgresql.conf: "
                        "laurel.personal_key_file = '/path/to/it'."});
    return *current.first;
}

const char *
KeyName(uint32 id) {
    return psprintf("%08x", id);
}

void
InitKeys() {
    DefineCustomStringVariable(
        "laurel.personal_key_file", "The file with the keys of personal values.",
        "A key of 64 hexadecimal digits a line; the first encrypts. Readable for the server's user alone.",
        &file_setting, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY | GUC_NOT_IN_SAMPLE, nullptr, AssignFile, nullptr);
    if (process_shared_preload_libraries_in_progress)
        CurrentKeys();
}

} // namespace laurel::secrets
