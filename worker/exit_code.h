#pragma once

namespace laurel::worker {

// What the program's exit status says; in `laurel-worker --help` as well.
enum ExitCode {
    kDone = 0,
    kFailed = 1,      // what was asked for did not succeed
    kUsage = 2,       // the command line or the configuration is wrong
    kNoDatabase = 3,  // the database cannot be reached
    kUnfitSchema = 4, // the database has no Laurel, lacks migrations, or the role may not work there
};

} // namespace laurel::worker
