#include "pages/status_page.h"

#include "pages/chart.h"
#include "pages/html.h"
#include "settings/words.h"

namespace laurel::worker {

namespace {

constexpr const char *kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>laurel-worker</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="15">
<style>
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #22261f; --soft: #6b7166; --line: #e2e1da;
  --well: #2f7d4f; --again: #c98a1b; --bad: #b3372f; --cool: #3c6ea5; }
@media (prefers-color-scheme: dark) { :root { --ground: #15181a; --card: #1e2326; --ink: #e6e8e3; --soft: #9aa39c;
  --line: #333a3d; --well: #58b482; --again: #dba94b; --bad: #e5766d; --cool: #7fb0e0; } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif }
h1 { font-size: 1.25rem; margin: 0 } h2 { font-size: 1rem; margin: 0 0 .6rem }
header p, .soft { color: var(--soft) } header p, p.soft { margin: .1rem 0 1rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem;
  margin-bottom: 1rem; overflow-x: auto }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin-bottom: 1rem }
.cards div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem }
.cards b { display: block; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums }
.cards span, .legend, svg text { color: var(--soft); fill: var(--soft); font-size: .8rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 } .n { text-align: right } .t, .t code { white-space: nowrap }
td.wide { min-width: 12rem; overflow-wrap: anywhere }
code { font-size: .85em; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; padding: .1em .35em;
  overflow-wrap: anywhere }
.alarm { border-color: var(--bad); color: var(--bad) } .bad { color: var(--bad) } .good { color: var(--well) }
svg { width: 100%; height: auto; display: block } svg text { font-size: 14px } .grid { stroke: var(--line) }
rect.hover { fill: transparent } g:hover rect.hover { fill: var(--line); opacity: .5 }
rect.well { fill: var(--well) } rect.again { fill: var(--again) } rect.bad { fill: var(--bad) }
.line { fill: none; stroke-width: 2; stroke-linecap: round } .line.cool { stroke: var(--cool) }
.line.again { stroke: var(--again) }
.legend { margin: .3rem 0 0 } .legend span { margin-right: 1rem } .legend i { display: inline-block; width: .7em;
  height: .7em; border-radius: 2px; margin-right: .35em } i.well { background: var(--well) }
i.again { background: var(--again) } i.bad { background: var(--bad) } i.cool { background: var(--cool) }
@media (max-width: 40rem) { thead { display: none } table, tbody, tr, td { display: block } svg text { font-size: 21px }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0 } tr:last-child { border-bottom: 0 }
  td, .n, .t { border: 0; padding: .1rem 0 .1rem 8.5rem; text-align: left; position: relative; min-height: 1.6em }
  td::before { content: attr(data-name); position: absolute; left: 0; color: var(--soft); font-size: .85rem }
  td:empty { display: none } }
</style></head><body>
)";

std::string
Whole(double number) {
    return Short(number);
}

// A cell of a table: HTML and its class.
struct Cell {
    std::string html;
    std::string style;
};

struct Column {
    std::string name;
    std::string style;
};

Cell
Text(const std::string &text, const std::string &style = "") {
    return {Escape(Redacted(text)), style};
}

Cell
Count(int64_t number, bool is_bad = false) {
    return {Short(static_cast<double>(number)), is_bad && number > 0 ? "n bad" : "n"};
}

Cell
Code(const std::string &text, const std::string &style = "") {
    return {"<code>" + Escape(text) + "</code>", style};
}

std::string
Opening(const std::string &tag, const std::string &style) {
    return style.empty() ? "<" + tag : "<" + tag + " class=\"" + style + "\"";
}

// A section with a table; what it says where there is no row. On a phone each row becomes a card, whose cells
// bring their column's name along.
std::string
Table(const std::string &title, const std::string &note, const std::vector<Column> &columns,
      const std::vector<std::vector<Cell>> &rows, const std::string &empty) {
    std::string html = "<section><h2>" + title + "</h2>";
    if (rows.empty())
        return html + "<p class=\"soft\">" + empty + "</p></section>";
    if (!note.empty())
        html += "<p class=\"soft\">" + note + "</p>";
    html += "<table><thead><tr>";
    for (const auto &column : columns)
        html += Opening("th", column.style) + ">" + column.name + "</th>";
    html += "</tr></thead><tbody>";
    for (const auto &row : rows) {
        html += "<tr>";
        for (size_t i = 0; i < row.size(); i++)
            html += Opening("td", row[i].style) + " data-name=\"" + columns[i].name + "\">" + row[i].html +
                    "</td>";
        html += "</tr>";
    }
    return html + "</tbody></table></section>";
}

std::string
Header(const SelfPortrait &self) {
    std::string text = "<header><h1>laurel-worker</h1><p>version " + Escape(self.version) + " on " +
                       Escape(self.host) + ", up " + SpellMilliseconds(self.up_seconds * 1000) +
                       ", channels " + Escape(self.channels) + ", " +
                       (self.is_listening ? "woken by inserts" : "polling") +
                       (self.is_stopping ? ", stopping" : "") + "</p></header>";
    if (!self.trouble.empty())
        text += "<section class=\"alarm\">No database: " + Escape(self.trouble) + ". What is below is " +
                SpellMilliseconds(self.overview_age_seconds * 1000) + " old.</section>";
    return text;
}

std::string
Card(const std::string &value, const std::string &label, const std::string &style = "") {
    return "<div><b" + (style.empty() ? "" : " class=\"" + style + "\"") + ">" + value + "</b><span>" +
           label + "</span></div>";
}

std::string
Cards(const SelfPortrait &self, const Overview &overview) {
    double due = 0;
    double dead = 0;
    double oldest = 0;
    double delivered = 0;
    for (const auto &channel : overview.channels) {
        dead += static_cast<double>(channel.dead);
        delivered += static_cast<double>(channel.delivered);
        if (self.switched_off.contains(channel.name))
            continue;
        due += static_cast<double>(channel.due);
        oldest = std::max(oldest, channel.oldest_due_seconds);
    }
    return "<div class=\"cards\">" + Card(Short(due), "due now") +
           Card(due > 0 ? SpellMilliseconds(oldest * 1000) : "none", "oldest pending",
                oldest > 60 ? "bad" : "") +
           Card(Short(static_cast<double>(self.in_flight)), "under way here") +
           Card(Short(delivered), "delivered in the last hour") +
           Card(Short(dead), "dead letters", dead > 0 ? "bad" : "") +
           Card(Short(static_cast<double>(overview.suppressed)), "suppressed addresses") + "</div>";
}

std::string
Charts(const Overview &overview) {
    Series delivered{"delivered", "well", {}};
    Series retried{"to be retried", "again", {}};
    Series dead{"dead", "bad", {}};
    Series median{"median", "cool", {}};
    Series slowest{"99th percentile", "again", {}};
    for (const auto &minute : overview.minutes) {
        delivered.values.push_back(static_cast<double>(minute.delivered));
        retried.values.push_back(static_cast<double>(minute.retried));
        dead.values.push_back(static_cast<double>(minute.dead));
        median.values.push_back(minute.p50_ms);
        slowest.values.push_back(minute.p99_ms);
    }
    return "<div class=\"charts\"><section><h2>Attempts a minute</h2>" +
           StackedColumns("Attempts a minute over the last hour", {delivered, retried, dead}, Whole) +
           "</section><section><h2>Latency, from due to done</h2>" +
           LineChart("Latency over the last hour", {median, slowest}, SpellMilliseconds) + "</section></div>";
}

// How long, or a dash where there was nothing to measure.
Cell
Latency(const Overview::Channel &channel, double milliseconds) {
    return {channel.delivered > 0 ? SpellMilliseconds(milliseconds) : "&ndash;", "n"};
}

// A channel's name, and what keeps it off.
Cell
ChannelName(const std::string &name, const std::map<std::string, std::string> &switched_off) {
    const auto place = switched_off.find(name);
    if (place == switched_off.end())
        return Text(name);
    return {Escape(name) + " <span class=\"soft\">switched off here: " + Escape(place->second) + "</span>",
            ""};
}

std::string
Queue(const SelfPortrait &self, const Overview &overview) {
    std::vector<std::vector<Cell>> rows;
    for (const auto &channel : overview.channels) {
        const bool is_overdue = channel.due > 0 && !self.switched_off.contains(channel.name);
        rows.push_back({ChannelName(channel.name, self.switched_off),
                        Count(channel.due),
                        Count(channel.waiting),
                        Count(channel.leased),
                        Count(channel.dead, true),
                        {is_overdue ? SpellMilliseconds(channel.oldest_due_seconds * 1000) : "&ndash;", "n"},
                        Count(channel.delivered),
                        Latency(channel, channel.p50_ms),
                        Latency(channel, channel.p99_ms)});
    }
    return Table("Queue", "",
                 {{"channel", ""},
                  {"due", "n"},
                  {"waiting", "n"},
                  {"leased", "n"},
                  {"dead", "n"},
                  {"oldest", "n"},
                  {"delivered, 1 h", "n"},
                  {"p50", "n"},
                  {"p99", "n"}},
                 rows, "Nothing has ever been queued.");
}

std::string
DeadLetters(const Overview &overview) {
    std::vector<std::vector<Cell>> rows;
    for (const auto &letter : overview.dead_letters)
        rows.push_back({Text(letter.created_at, "t"), Text(letter.channel), Count(letter.attempts),
                        Text(letter.reason, "wide"), Code("laurel-worker redrive --id " + letter.id)});
    return Table(
        "Dead letters", "The newest. All of a channel: <code>laurel-worker redrive --channel email</code>",
        {{"made (UTC)", ""}, {"channel", ""}, {"attempts", "n"}, {"reason", ""}, {"to send it again", ""}},
        rows, "None: everything was delivered or still has attempts before it.");
}

std::string
RetentionRuns(const Overview &overview) {
    std::vector<std::vector<Cell>> rows;
    for (const auto &run : overview.retention_runs) {
        const bool is_bad = run.outcome == "failed" || run.outcome == "interrupted";
        rows.push_back({Text(run.started_at, "t"), Text(run.policy), Count(run.rows), Count(run.partitions),
                        Count(run.held),
                        Text(run.outcome + (run.dry_run ? ", dry run" : ""), is_bad ? "bad" : ""),
                        Text(run.error, "wide")});
    }
    return Table("Retention", "",
                 {{"began (UTC)", ""},
                  {"policy", ""},
                  {"rows", "n"},
                  {"months", "n"},
                  {"held", "n"},
                  {"outcome", ""},
                  {"error", ""}},
                 rows, "No run has removed anything yet.");
}

std::string
Jobs(const Overview &overview) {
    std::vector<std::vector<Cell>> rows;
    for (const auto &job : overview.jobs) {
        const std::string style = job.is_failing ? "t bad" : job.last_outcome == "succeeded" ? "t good" : "t";
        rows.push_back({Text(job.name), Code(job.schedule, "t"), Text(job.last_run_at, "t"),
                        Text(job.last_outcome, style), Text(job.last_error, "wide"),
                        Text(job.next_run_at, "t"), Text(job.runner)});
    }
    return Table("Jobs", "",
                 {{"job", ""},
                  {"schedule", ""},
                  {"last run (UTC)", ""},
                  {"result", ""},
                  {"error", ""},
                  {"next run (UTC)", ""},
                  {"by", ""}},
                 rows, "There are none.");
}

std::string
Workers(const Overview &overview) {
    std::vector<std::vector<Cell>> rows;
    for (const auto &worker : overview.workers)
        rows.push_back({Text(worker.host),
                        {std::to_string(worker.pid), "n"},
                        Text(worker.version),
                        Text(worker.started_at, "t"),
                        Text(SpellMilliseconds(worker.seen_seconds * 1000) + " ago",
                             worker.seen_seconds > 60 ? "bad" : ""),
                        Text(worker.idle ? "idle" : "busy or polling")});
    return Table(
        "Workers", "",
        {{"host", ""}, {"process", "n"}, {"version", ""}, {"started (UTC)", ""}, {"seen", ""}, {"state", ""}},
        rows, "None was seen in the last ten minutes.");
}

} // namespace

std::string
StatusPage(const SelfPortrait &self, const Overview &overview) {
    return kHead + Header(self) + Cards(self, overview) + Charts(overview) + Queue(self, overview) +
           DeadLetters(overview) + RetentionRuns(overview) + Jobs(overview) + Workers(overview) +
           "</body></html>\n";
}

} // namespace laurel::worker
