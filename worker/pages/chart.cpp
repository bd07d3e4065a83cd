#include "pages/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pages/html.h"

namespace laurel::worker {

namespace {

constexpr double kWidth = 600;
constexpr double kHeight = 140;
constexpr double kTop = 26; // room for the scale's upper label

std::string
Number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

size_t
LengthOf(const std::vector<Series> &series) {
    return series.empty() ? 0 : series.front().values.size();
}

std::string
Open(const std::string &title, const std::string &top_label) {
    return "<svg viewBox=\"0 0 600 166\" role=\"img\" aria-label=\"" + Escape(title) +
           "\"><line class=\"grid\" x1=\"0\" x2=\"600\" y1=\"26\" y2=\"26\"/>"
           "<line class=\"grid\" x1=\"0\" x2=\"600\" y1=\"140\" y2=\"140\"/>"
           "<text x=\"0\" y=\"20\">" +
           Escape(top_label) +
           "</text><text x=\"0\" y=\"162\">an hour ago</text>"
           "<text x=\"600\" y=\"162\" text-anchor=\"end\">now</text>";
}

// What a pointer on the column shows.
std::string
Hint(const std::vector<Series> &series, size_t at, Spell spell) {
    const size_t ago = LengthOf(series) - 1 - at;
    std::string hint = ago == 0 ? "this minute" : std::to_string(ago) + " min ago";
    for (const auto &one : series)
        hint += ", " + one.name + " " + spell(one.values[at]);
    return "<title>" + Escape(hint) + "</title>";
}

std::string
Rectangle(const std::string &style, double x, double y, double width, double height) {
    return "<rect class=\"" + style + "\" x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" width=\"" +
           Number(width) + "\" height=\"" + Number(height) + "\"/>";
}

std::string
Legend(const std::vector<Series> &series) {
    std::string legend = "<p class=\"legend\">";
    for (const auto &one : series)
        legend += "<span><i class=\"" + one.style + "\"></i>" + Escape(one.name) + "</span>";
    return legend + "</p>";
}

} // namespace

std::string
StackedColumns(const std::string &title, const std::vector<Series> &series, Spell spell) {
    const size_t length = LengthOf(series);
    double top = 0;
    for (size_t at = 0; at < length; at++) {
        double sum = 0;
        for (const auto &one : series)
            sum += one.values[at];
        top = std::max(top, sum);
    }
    std::string chart = Open(title, spell(top));
    const double step = kWidth / static_cast<double>(std::max<size_t>(length, 1));
    for (size_t at = 0; at < length; at++) {
        const double x = step * static_cast<double>(at);
        chart += "<g>" + Hint(series, at, spell) + Rectangle("hover", x, kTop, step, kHeight - kTop);
        double y = kHeight;
        for (const auto &one : series) {
            const double height = top > 0 ? (kHeight - kTop) * one.values[at] / top : 0;
            y -= height;
            if (height > 0)
                chart += Rectangle(one.style, x + 1, y, step - 2, std::max(height, 0.5));
        }
        chart += "</g>";
    }
    return chart + "</svg>" + Legend(series);
}

std::string
LineChart(const std::string &title, const std::vector<Series> &series, Spell spell) {
    constexpr double least = 0.1;
    const size_t length = LengthOf(series);
    double top = 10 * least;
    for (const auto &one : series) {
        for (const double value : one.values)
            top = std::max(top, value);
    }
    const double scale = (kHeight - kTop) / std::log(top / least);
    const double step = kWidth / static_cast<double>(std::max<size_t>(length, 1));
    std::string chart = Open(title, spell(top));
    for (const auto &one : series) {
        std::string path;
        bool is_drawing = false;
        for (size_t at = 0; at < length; at++) {
            if (one.values[at] <= 0) {
                is_drawing = false;
                continue;
            }
            const double x = step * (static_cast<double>(at) + 0.5);
            const double y = kHeight - scale * std::log(std::max(one.values[at], least) / least);
            path += (is_drawing ? " L" : " M") + Number(x) + " " + Number(y);
            // A value between two gaps would be a line of no length.
            if (!is_drawing)
                path += " h0.1";
            is_drawing = true;
        }
        chart += "<path class=\"line " + one.style + "\" d=\"" + path + "\"/>";
    }
    for (size_t at = 0; at < length; at++)
        chart += "<g>" + Hint(series, at, spell) +
                 Rectangle("hover", step * static_cast<double>(at), kTop, step, kHeight - kTop) + "</g>";
    return chart + "</svg>" + Legend(series);
}

} // namespace laurel::worker
