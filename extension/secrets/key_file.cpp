#include "secrets/key_file.h"

#include "postgres/error.h"

extern "C" {
#include <fcntl.h>
#include <unistd.h>
}

namespace laurel::secrets {

namespace {

constexpr size_t kLongestFile = kernel::kMostKeys * (2 * kernel::kKeySize + 1);

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
ReadFile(const char *path, Found *found) {
    const int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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

} // namespace

KeyFile::Mark
KeyFile::MarkOf(const struct stat &status) {
    return {status.st_dev, status.st_ino, status.st_size, status.st_ctim};
}

void
KeyFile::RefuseFile(const char *problem) {
    take_({});
    is_read_ = false;
    ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
                    errmsg("the key file of %s cannot be used: %s", of_, problem),
                    errdetail_log("%s is %s.", setting_, path_), errhint("%s", hint_)));
    pg_unreachable();
}

// Whether what was read is what the file says now, with its rights, which change its time too.
bool
KeyFile::IsAsRead() const {
    struct stat status;
    return is_read_ && lstat(path_, &status) == 0 && MarkOf(status) == mark_;
}

void
KeyFile::TakeLines(std::string_view text) {
    kernel::KeyLines lines;
    kernel::ReadKeyLines(text, &lines);
    const char *problem = lines.fault;
    if (problem != nullptr)
        problem = psprintf("of line %d, %s", lines.count + 1, problem);
    else if (!take_(lines))
        problem = "OpenSSL makes nothing of it";
    explicit_bzero(&lines.keys, sizeof(lines.keys));
    if (problem != nullptr)
        RefuseFile(problem);
}

void
KeyFile::Read() {
    if (path_[0] != '/')
        RefuseFile("its path does not begin with /");
    Found found;
    ReadFile(path_, &found);
    if (found.problem != nullptr)
        RefuseFile(found.problem);
    is_read_ = false;
    TakeLines({found.text, static_cast<size_t>(found.length)});
    explicit_bzero(found.text, sizeof(found.text));
    mark_ = MarkOf(found.status);
    is_read_ = true;
}

void
KeyFile::Forget() {
    is_read_ = false;
    looked_at_ = 0;
}

bool
KeyFile::Refresh() {
    if (path_ == nullptr || *path_ == '\0')
        return false;
    const TimestampTz statement = GetCurrentStatementStartTimestamp();
    if (!is_read_ || statement != looked_at_) {
        looked_at_ = 0;
        if (!IsAsRead())
            Read();
        looked_at_ = statement;
    }
    return true;
}

void
KeyFile::Define(const char *about, const char *lines, GucStringAssignHook assign) {
    DefineCustomStringVariable(setting_, about, lines, &path_, "", PGC_SIGHUP,
                               GUC_SUPERUSER_ONLY | GUC_NOT_IN_SAMPLE, nullptr, assign, nullptr);
    if (process_shared_preload_libraries_in_progress)
        Refresh();
}

} // namespace laurel::secrets
