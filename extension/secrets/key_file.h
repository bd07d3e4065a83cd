// A file of the server's user that holds keys, read anew where it has changed.
#pragma once

#include "kernel/key_lines.h"
#include "postgres/pg.h"

extern "C" {
#include <sys/stat.h>
}

namespace laurel::secrets {

// The file that a setting names, for one purpose.
class KeyFile {
public:
    // Makes keys of the lines, or forgets those there are where it is given none; false where OpenSSL makes
    // nothing of them.
    using Take = bool (*)(const kernel::KeyLines &lines);

    // `of` says of what the keys are; `hint` how the file must be.
    constexpr KeyFile(const char *setting, const char *of, const char *hint, Take take)
        : setting_(setting), of_(of), hint_(hint), take_(take) {}

    // Defines the setting, and reads the file where the library is loaded when the server starts. `assign`
    // calls Forget().
    void Define(const char *about, const char *lines, GucStringAssignHook assign);

    // Looks at the file, once a statement, and takes the keys where it is another than it was. False where
    // no file is named; error F0000 where the file is not as it must be.
    bool Refresh();

    void Forget();

private:
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

    static Mark MarkOf(const struct stat &status);
    [[noreturn]] void RefuseFile(const char *problem);
    bool IsAsRead() const;
    void TakeLines(std::string_view text);
    void Read();

    const char *setting_, *of_, *hint_;
    Take take_;
    char *path_ = nullptr;
    bool is_read_ = false;
    Mark mark_ = {};
    TimestampTz looked_at_ = 0; // the statement that looked last
};

} // namespace laurel::secrets
