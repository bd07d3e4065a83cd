#include "kernel/grading/quantity.h"

#include <gtest/gtest.h>

namespace laurel::kernel::grading {

TEST(Quantity, reads_what_people_write) {
    const struct {
        const char *text;
        double value;
        const char *unit;
    } cases[] = {{"9.81 m/s2", 9.81, "m/s2"},
                 {" -3,5 ", -3.5, ""},
                 {"+1e3kg", 1000, "kg"},
                 {"50%", 50, "%"},
                 {".5", 0.5, ""},
                 {"0", 0, ""},
                 {"12 °C", 12, "°C"},
                 {"3 e", 3, "e"}};
    for (const auto &expected : cases) {
        Quantity read;
        ASSERT_TRUE(ReadQuantity(expected.text, &read)) << expected.text;
        EXPECT_EQ(read.value, expected.value) << expected.text;
        EXPECT_EQ(read.unit, expected.unit) << expected.text;
    }
}

TEST(Quantity, refuses_what_is_no_number) {
    for (const char *text :
         {"", " ", "m", "inf", "nan", "-inf", "--1", "1.000,5", "1 000", "1e999", "-", "+-1", "1.2.3"}) {
        Quantity read;
        EXPECT_FALSE(ReadQuantity(text, &read)) << text;
    }
}

} // namespace laurel::kernel::grading
