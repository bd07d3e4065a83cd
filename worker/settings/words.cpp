#include "settings/words.h"

#include <algorithm>
#include <numeric>

#include "kernel/redaction.h"

namespace laurel::worker {

namespace {

// Levenshtein's distance, row by row.
size_t
Distance(std::string_view left, std::string_view right) {
    std::vector<size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= left.size(); i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= right.size(); j++) {
            const size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::vector<std::string>
Split(std::string_view text) {
    constexpr std::string_view separators = ", \t";
    std::vector<std::string> words;
    for (size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
        const size_t end = std::min(text.find_first_of(separators, at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return words;
}

std::string
Join(const std::vector<std::string> &words, std::string_view separator) {
    std::string text;
    for (const auto &word : words) {
        if (!text.empty())
            text += separator;
        text += word;
    }
    return text;
}

std::string
Nearest(std::string_view word, const std::vector<std::string> &candidates) {
    const auto nearest = std::ranges::min_element(
        candidates, {}, [&](const std::string &candidate) { return Distance(word, candidate); });
    return nearest == candidates.end() ? std::string() : *nearest;
}

std::string
Redacted(std::string_view text) {
    std::string redacted;
    kernel::Redact(text, [&](std::string_view piece) { redacted += piece; });
    return redacted;
}

} // namespace laurel::worker
