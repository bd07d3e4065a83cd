// Arrays of objects that clients give: what is wrong with one is said of that element, its key and its value.
#pragma once

#include "bridge.h"
#include "kernel/nearest.h"

#include "datum.h"

namespace laurel {

// How the value of a key is read.
struct JsonKind {
    const char *words; // "a whole number"
    PGFunction read;   // the type's own input; null where a text is what it is
};

extern const JsonKind kJsonText, kJsonInteger, kJsonUuid, kJsonMoment, kJsonAny;

struct JsonKey {
    std::string_view name;
    const JsonKind *kind;
};

// What an array of a function's argument holds.
struct JsonElements {
    const char *argument; // "transactions"
    const JsonKey *keys;
    int count;

    template <size_t N>
    constexpr JsonElements(const char *named, const JsonKey (&known)[N])
        : argument(named), keys(known), count(static_cast<int>(N)) {}
};

// Refuses (22023), naming the element, one that is no object or has another key, and says which was probably
// meant: a misspelt key would be lost in silence. A text that is an object, an array or a truth is refused
// too (22P02).
void RequireKnownKeys(const JsonElements &elements, Datum array);

// Refuses a value that its type cannot read, with the SQLSTATE of the type, naming element, key and value.
void RequireReadableValues(const JsonElements &elements, Datum array);

// " Did you mean "amount"?" where a name is near, else nothing; for the end of a detail or hint. Palloc'd.
const char *MeantName(const kernel::Nearest &nearest);

// A text as a message shows it: short, with the number of what nobody sees.
const char *ShortText(std::string_view text);

// A value as a message shows it: short, as text.
const char *ShortValue(const JsonbValue &value);

// Puts "Element 3: " before the detail of errors that are raised for one element of an array, and "element 3
// of the array" into their context: not every client is shown that.
class ElementErrors {
public:
    // Runs code that may call At(); an error that is raised for an element says so.
    template <typename Fn> static auto Named(Fn &&run) {
        at_ = 0;
        ErrorData *error;
        try {
            return guard([&run] { return boundary([&run] { return run(); }); });
        } catch (const PostgresError &caught) {
            error = caught.data();
        }
        Rethrow(error);
    }

    // The error that is being raised is of that element. For callbacks of error contexts.
    static void At(int64 position);

private:
    [[noreturn]] static void Rethrow(ErrorData *error);

    static inline constinit int64 at_ = 0;
};

} // namespace laurel
