// Reads a calendar as a program of the web would, with ical.js. Usage: node read_calendar.cjs FILE; prints its method, and of
// its event title, number, alarms, and the name and answer of who is asked.
const fs = require("node:fs");
const ical = require("ical.js");
const ICAL = ical.default ?? ical;

const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(process.argv[2], "utf8")));
const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
const [attendee] = event.attendees;
console.log([calendar.getFirstPropertyValue("method"), event.summary, event.sequence, event.component.getAllSubcomponents("valarm").length,
    attendee.getParameter("cn").replace("\n", "/"), attendee.getParameter("partstat")].join("|"));
