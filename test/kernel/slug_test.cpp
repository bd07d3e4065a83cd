#include "kernel/slug.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Slug(std::string_view name) {
    char out[kMaxSlug];
    return {out, MakeSlug(name, out)};
}

} // namespace

TEST(Slug, joins_words_with_single_hyphens) {
    EXPECT_EQ(Slug("First Steps"), "first-steps");
    EXPECT_EQ(Slug("  100 % --  Done!  "), "100-done");
    EXPECT_EQ(Slug("already-a-slug"), "already-a-slug");
}

TEST(Slug, drops_accents_of_western_letters) {
    EXPECT_EQ(Slug("Ärzte für Übergänge"), "arzte-fur-ubergange");
    EXPECT_EQ(Slug("Crème brûlée, año, straße"), "creme-brulee-ano-strase");
    EXPECT_EQ(Slug("3 × 4 ÷ 2"), "3-4-2");
}

TEST(Slug, parts_words_at_letters_it_does_not_know) {
    EXPECT_EQ(Slug("Zażółć"), "za-o");
    EXPECT_EQ(Slug("学習"), "");
    EXPECT_EQ(Slug(""), "");
    EXPECT_EQ(Slug("---"), "");
}

TEST(Slug, survives_a_name_cut_inside_a_character) {
    EXPECT_EQ(Slug("caf\xC3"), "caf");
    EXPECT_EQ(Slug("a\x80\xFF"), "a");
}

TEST(Slug, ends_at_its_longest_without_a_hyphen) {
    EXPECT_EQ(Slug(std::string(300, 'x')).size(), kMaxSlug);
    EXPECT_EQ(Slug(std::string(kMaxSlug - 1, 'x') + " yes"), std::string(kMaxSlug - 1, 'x'));
}
