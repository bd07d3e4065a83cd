#include "calendars/calendar.h"

#include "kernel/icalendar.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/results.h"
#include "postgres/trigger.h"

namespace laurel::calendars {

namespace {

constexpr TriggerSpec kRaiseSequence = {"raise_sequence", TriggerSpec::Before, TriggerSpec::EachRow,
                                        TriggerSpec::Update};

} // namespace

Calendar::Calendar(const char *method) {
    initStringInfo(&text_);
    initStringInfo(&line_);
    Add("BEGIN", "VCALENDAR");
    Add("VERSION", "2.0");
    Add("PRODID", "-//Laurel//Events//EN");
    Add("METHOD", method);
}

void
Calendar::Add(const char *name, const char *value) {
    resetStringInfo(&line_);
    appendStringInfo(&line_, "%s:%s", name, value);
    End();
}

void
Calendar::AddText(const char *name, const char *value) {
    if (value == nullptr)
        return;
    resetStringInfo(&line_);
    appendStringInfo(&line_, "%s:", name);
    kernel::AppendIcsText(value, [this](std::string_view piece) { Append(&line_, piece); });
    End();
}

// Somebody, by name and address; `details` are parameters.
void
Calendar::AddMailbox(const char *property, const char *details, const char *name, std::string_view address) {
    const auto append = [this](std::string_view piece) { Append(&line_, piece); };
    resetStringInfo(&line_);
    appendStringInfo(&line_, "%s%s;CN=", property, details);
    kernel::AppendIcsParameter(name, append);
    append(":");
    kernel::AppendMailto(address, append);
    End();
}

// A quarter of an hour ahead.
void
Calendar::AddAlarm(const char *title) {
    Add("BEGIN", "VALARM");
    Add("ACTION", "DISPLAY");
    Add("TRIGGER", "-PT15M");
    AddText("DESCRIPTION", title);
    Add("END", "VALARM");
}

// What the last result has behind kEntryColumns. Answers are given in the application: no calendar is to mail
// one.
void
Calendar::AddPeople(std::string_view mail_from) {
    AddMailbox("ORGANIZER", "", TextField(0, kEntryColumns + 1), mail_from);
    AddMailbox("ATTENDEE",
               psprintf(";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=%s;RSVP=FALSE",
                        TextField(0, kEntryColumns + 4)),
               TextField(0, kEntryColumns + 2), TextField(0, kEntryColumns + 3));
}

void
Calendar::AddEntry(uint64 row, std::string_view mail_from) {
    const char *fields[kEntryColumns];
    for (int i = 0; i < kEntryColumns; i++)
        fields[i] = TextField(row, i + 1);
    Add("BEGIN", "VEVENT");
    Add("UID", psprintf("%s@laurel", fields[0]));
    Add("SEQUENCE", fields[1]);
    Add("DTSTAMP", fields[2]);
    Add("LAST-MODIFIED", fields[2]);
    Add("CREATED", fields[3]);
    Add("DTSTART", fields[4]);
    Add("DTEND", fields[5]);
    Add("STATUS", fields[6]);
    AddText("SUMMARY", fields[7]);
    AddText("DESCRIPTION", fields[8]);
    AddText("LOCATION", fields[9]);
    if (!mail_from.empty())
        AddPeople(mail_from);
    if (strcmp(fields[6], "CONFIRMED") == 0)
        AddAlarm(fields[7]);
    Add("END", "VEVENT");
}

Datum
Calendar::Finish(MemoryContext context) {
    Add("END", "VCALENDAR");
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum text = FromText({text_.data, static_cast<size_t>(text_.len)});
    MemoryContextSwitchTo(old);
    return text;
}

void
Calendar::Append(StringInfo to, std::string_view piece) {
    appendBinaryStringInfo(to, piece.data(), static_cast<int>(piece.size()));
}

void
Calendar::End() {
    kernel::AppendIcsLine({line_.data, static_cast<size_t>(line_.len)},
                          [this](std::string_view piece) { Append(&text_, piece); });
}

Datum
Single(const char *method, std::string_view mail_from, MemoryContext context) {
    Calendar calendar(strcmp(TextField(0, 7), "CANCELLED") == 0 ? "CANCEL" : method);
    calendar.AddEntry(0, mail_from);
    return calendar.Finish(context);
}

LAUREL_FUNCTION(laurel_raise_sequence) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRaiseSequence);
    DraftRow row(trigger);
    bool is_null;
    const Datum before = AttributeValue(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation),
                                        "sequence", INT4OID, &is_null);
    row.Set("sequence", INT4OID, Int32GetDatum(is_null ? 0 : DatumGetInt32(before) + 1));
    return row.Done();
}

} // namespace laurel::calendars
