#pragma once

#include <string>
#include <vector>

namespace laurel::worker {

// One series of a chart; `style` is the CSS class that colours it.
struct Series {
    std::string name;
    std::string style;
    std::vector<double> values; // oldest first
};

using Spell = std::string (*)(double);

// Series stacked on each other, a column a value, as inline SVG with its own scale. `title` is read to those
// who do not see it.
std::string StackedColumns(const std::string &title, const std::vector<Series> &series, Spell spell);

// Series as lines over each other; 0 is a gap. The scale is logarithmic, as latencies are.
std::string LineChart(const std::string &title, const std::vector<Series> &series, Spell spell);

} // namespace laurel::worker
