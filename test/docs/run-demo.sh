#!/usr/bin/env bash
# Runs the demo on its sample data, which must look as README.md and the guides show it, and on a small folder of OULAD files whose
# outcome is known. Both must let a mail and a signed webhook arrive, and retention go over what is past its time.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

out=build/docs/demo

# Two presentations; learner 1 takes both. Of eight results one has no mark, one is 0, one has no registered learner.
write_files() {
    cat >"$1/courses.csv" <<'CSV'
code_module,code_presentation,module_presentation_length
AAA,2013J,268
BBB,2014B,240
CSV
    cat >"$1/assessments.csv" <<'CSV'
code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,11,TMA,19,10
AAA,2013J,12,TMA,54,12.5
BBB,2014B,21,CMA,,0
CSV
    cat >"$1/studentInfo.csv" <<'CSV'
code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,num_of_prev_attempts,studied_credits,disability,final_result
AAA,2013J,1,F,Wales,A Level or Equivalent,,0-35,0,60,N,Distinction
AAA,2013J,2,M,Wales,A Level or Equivalent,10-20,0-35,0,60,N,Pass
AAA,2013J,3,M,Wales,A Level or Equivalent,10-20,0-35,0,60,N,Withdrawn
BBB,2014B,1,F,Wales,A Level or Equivalent,,0-35,0,60,N,Fail
CSV
    cat >"$1/studentRegistration.csv" <<'CSV'
code_module,code_presentation,id_student,date_registration,date_unregistration
AAA,2013J,1,-10,
AAA,2013J,2,,
AAA,2013J,3,-4,12
BBB,2014B,1,-30,
CSV
    cat >"$1/studentAssessment.csv" <<'CSV'
id_assessment,id_student,date_submitted,is_banked,score
11,1,18,0,80
12,1,50,0,90
11,2,-1,1,39
12,2,52,0,40
11,3,5,0,0
12,3,6,0,
21,1,9,0,10
21,4,9,0,77
CSV
}

# What the import of those files must come to: one line per account, then badges, then enrolments.
expected() {
    cat <<'LINES'
aaa-2013j|student1@oulad.invalid|5|330|80:2013-10-19 90:2013-11-20 10:2013-10-19 50:2013-11-20 100:2014-06-26
aaa-2013j|student2@oulad.invalid|4|139|39:2013-09-30 40:2013-11-22 10:2013-11-22 50:2013-11-22
aaa-2013j|student3@oulad.invalid|1|50|50:2013-10-07
bbb-2014b|student1@oulad.invalid|2|60|10:2014-02-10 50:2014-02-10
distinction|1
first-pass|2
full-set|4
enrolled|4|completed|2
LINES
}

# The badge that the demo itself awards is none of the files'.
found() {
    sql -c "SELECT o.slug, u.email, count(*), sum(l.amount), string_agg(l.amount || ':'
                || (l.occurred_at AT TIME ZONE o.time_zone)::date, ' ' ORDER BY l.entry_no)
            FROM laurel.points_ledger l JOIN laurel.organizations o ON o.id = l.organization_id
            JOIN laurel.users u ON u.id = l.user_id WHERE l.reason IS DISTINCT FROM 'Top of the Board'
            GROUP BY o.slug, u.email ORDER BY o.slug, u.email" \
        -c "SELECT slug, sum(times_awarded) FROM laurel.badges WHERE slug <> 'top-of-the-board' GROUP BY slug ORDER BY slug" \
        -c "SELECT 'enrolled', count(*), 'completed', count(completed_at) FROM laurel.enrollments"
}

as_expected() {
    diff <(expected) <(found)
}

# Ids, times, ports and signatures differ from run to run.
normalise() {
    sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DATE/g' \
        -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}/TIME/g' -e 's/^( *webhook-timestamp:) [0-9]{10}$/\1 SECONDS/' \
        -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e 's/v1,[A-Za-z0-9+/]{43}=/v1,SIGNATURE/' \
        -e 's/^ +//' -e 's/ +/ /g' -e '/^[- ]*$/d' "$1"
}

demo() {
    DATA=$1 scripts/demo.sh laurel_demo_test >"$2" 2>&1
}

finds_no_problem() {
    grep -A 3 '^== laurel.verify_ledger' "$out/sample" | grep -qE '^ +[0-9]+ +[0-9]+ +0$'
}

accepts_nothing() {
    local refused
    refused=$(section sample 'does not accept')
    has "$refused" 23514 PT409 23001 && ! grep -w accepted <<<"$refused"
}

# Every line of those ```text blocks of README.md and the guides that begin with a heading of the demo is one it printed.
as_readme() {
    awk '/^```/ { inside = starts = /^```text/; next } starts { inside = /^== /; starts = 0 } inside' README.md docs/guide/*.md >"$out/readme"
    [ "$(grep -c '^== ' "$out/readme")" -ge 7 ] || return 1
    ! grep -vxFf <(normalise "$out/sample") <(normalise "$out/readme")
}

# Prints a section of the demo, by a part of its heading.
section() {
    awk -v part="$2" '/^== / { inside = index($0, part) } inside' "$out/$1"
}

# has TEXT REGEX ...: a line of the text matches each.
has() {
    local text=$1 regex
    shift
    for regex in "$@"; do
        grep -qE "$regex" <<<"$text" || {
            echo "no line of this matches $regex:"
            echo "$text"
            return 1
        }
    done
}

# mail_arrives LOG NAME ADDRESS
mail_arrives() {
    has "$(section "$1" 'the e-mail as it arrived')" '^  From: Laurel <no-reply@laurel.example>$' "^  To: $2 <$3>$" \
        '^  Subject: You earned: Top of the Board!$' '^  Message-ID: <[0-9a-f-]{36}@laurel.example>$' \
        '^  List-Unsubscribe: <https://.*/stop\?user=[0-9a-f-]{36}&type=badge_earned>$' '^  Lead the all-time leaderboard$'
}

webhook_arrives() {
    has "$(section "$1" 'The webhook as it arrived')" '^  POST /badges ' '^  webhook-id: [0-9a-f-]{36}$' \
        '^  webhook-timestamp: [0-9]{10}$' '^  webhook-signature: v1,[A-Za-z0-9+/]{43}=$' '"slug": "top-of-the-board"' '"timestamp": ' \
        '^  the signature is valid$'
}

# retention_runs LOG NOTIFICATIONS SESSIONS: so many of each are past their time; of four more notifications a hold keeps all.
retention_runs() {
    local log=$1 rows
    rows="^  notifications_read +notifications +delete +$2 +4 +done$"
    has "$(section "$log" 'retention --dry-run')" "$rows" "^  sessions_expired +sessions +delete +$3 +0 +done$" &&
        has "$(section "$log" 'laurel-worker retention:')" "$rows" "^  sessions_expired +sessions +delete +$3 +0 +done$" &&
        has "$(section "$log" 'laurel.retention_runs')" " t +notifications_read +$day +$2 +4 +0 done$" \
            " f +notifications_read +$day +$2 +4 +1 done$" " f +sessions_expired +$day +$3 +0 +1 done$"
}

# What happened in a day, in the words and figures that it is told with.
day_is_told() {
    has "$(section sample 'Nina joins')" "^  Nina has 0 points and is bronze\. .*: 3 tasks and 3 check-ins; .* due on $day\.\$" &&
        has "$(section sample 'She wants a buddy')" 'proposes Ben, [0-9]+ of 1000: Shares 1 of 2 skills: sql\.' 'the match is accepted\.$' &&
        has "$(section sample 'Lunch and learn')" '^  Ben going, Cleo going, Nina waitlisted: 2 of 2 places are taken, 1 waiting$' \
            '^  Cleo cannot come\. Ben going, Cleo declined, Nina going: 2 of 2 places are taken, 0 waiting$' &&
        has "$(section sample 'Tomas is met')" '^  laurel\.free_slots\(\.\.\.\) offers 09:00, 10:00, 11:00\.$' '^  Ben books 10:00: scheduled\.$' \
            '^  Cleo wants 10:00 too: refused with SQLSTATE 23P01 by the rule appointments_trainer_id_excl\.$' \
            '^  Ben moves to 11:00\. Tomas is told: "New time or place: Window functions"\.$' '^  Cleo asks for 10:00 again: scheduled\.$' &&
        has "$(section sample 'Nina learns')" '^  First try: 50\.00 of 100, in_progress\.$' '^  Second try: 100\.00 of 100, completed\. The path is 100\.00 % done' &&
        has "$(section sample 'Dario thanks her')" ': pending\.$' '^  Mara approves\. Nina has 120 points and is bronze; Dario has given 60 of the 100 ' &&
        has "$(section sample 'A badge, and with it a tier')" 'Nina has 520 points and is silver: tier_changed bronze -> silver\.$' &&
        has "$(section sample 'A rule of Olga')" 'would have fired 1 time for 1 member and cost 15 points\.$' 'fired, capped by cap of the member: 1 a day\. Nina has 535 points' 'says: condition is false: .* looked at \{"\$\.event\.data\.score": 60\}\.$' 'It would match now, but: cap of the member: 1 a day\.$' &&
        has "$(section sample 'Nina spends')" '^  The mug: approved for 100 points, 2 of 3 are left\. Nina has 435 points, of which 0 are held and 435 are free\.$' \
            '^  The day off: requested\. Nina has 435 points, of which 300 are held and 135 are free\.$' \
            '^  Olga: declined, "There is a fair that day"\. Nina has 435 points, of which 0 are held and 435 are free\.$' &&
        has "$(section sample 'Her day in the ledger')" '^  +6 reward_redeemed +Mug +-100 +435$' '^  +4 badge_earned +Well Begun +400 +520$' 'finds 0 problems behind the seal of [1-9][0-9]* lines' &&
        has "$(section sample 'rewrites the audit log')" '^  A line says: INSERT of the rule Good quiz by Olga\.$' 'refused with SQLSTATE 23001 by the rule audit_log_history\.$' \
            'INSERT of the rule by Ben\. .* of seal [0-9]+: lines are not as they were sealed\.$' '^  Put back as it was, laurel\.verify_audit\(\) finds 0 problems\.$'
}

# The e-mail carries the event, and a calendar reads it.
invitation_opens() {
    has "$(section sample 'what her calendar makes of it')" '^  Subject: There is a place for you: Window functions over lunch$' \
        '^  REQUEST: Window functions over lunch$' "^  when: $day " '^  where: Hall 1$' '^  who: mailto:nina@alder.example, ACCEPTED$'
}

what_was_due_is_gone() {
    [ "$(sql -c "SELECT count(*) FROM laurel.notifications WHERE read_at < now() - interval '90 days'" \
        -c 'SELECT count(*) FROM laurel.sessions WHERE expires_at < now()' -c 'SELECT count(*) FROM laurel.notification_deliveries')" = \
        $'4\n0\n0' ]
}

nothing_is_left_running() {
    ! pgrep -f "demo_peers.py $root/build/demo/laurel_demo_test"
}

# The example of Standard Webhooks; then the same request forged, in each part, and sent late.
receiver_refuses_forgeries() {
    PYTHONPATH=scripts PYTHONDONTWRITEBYTECODE=1 python3 - <<'PYTHON'
import time
from webhook_signature import count_valid, signature

secret, identity, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
assert signature(secret, identity, "1614265330", body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

def request(seconds):
    stamp = str(int(time.time()) + seconds)
    return {"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": signature(secret, identity, stamp, body)}

good = request(0)
assert count_valid(good, body, [secret]) == 1
assert count_valid(good, body + b" ", [secret]) == 0
assert count_valid(good, body, ["whsec_" + "A" * 32]) == 0
assert count_valid({**good, "webhook-id": "msg"}, body, [secret]) == 0
assert count_valid({**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)}, body, [secret]) == 0
assert count_valid({**good, "webhook-signature": ""}, body, [secret]) == 0
assert count_valid({"webhook-id": identity}, body, [secret]) == 0
for seconds in (-400, 400):
    assert count_valid(request(seconds), body, [secret]) == 0
PYTHON
}

refuses() {
    ! demo "$1" "$out/refused" && grep -F "$2" "$out/refused"
}

day='[0-9]{4}-[0-9]{2}-[0-9]{2}'
find_server
rm -rf "$out"
mkdir -p "$out/files" "$out/lacking"
write_files "$out/files"
cp "$out/files/courses.csv" "$out/lacking"

check "the demo runs" demo '' "$out/sample"
check "its ledger is sound" finds_no_problem
check "what it shows as refused is refused" accepts_nothing
check "README.md and the guides show what it prints" as_readme
check "a mail arrives" mail_arrives sample 'Ema Novak' ema@alder.example
check "a signed webhook arrives" webhook_arrives sample
check "retention runs dry, then for good" retention_runs sample 36 10
check "a day in one company is told" day_is_told
check "its invitation opens in a calendar" invitation_opens
check "files are imported" demo "$out/files" "$out/imported"
check "a second import adds nothing" grep 'importing it again: 0 new' "$out/imported"
check "a mail arrives there too" mail_arrives imported 'Student 1' student1@oulad.invalid
check "a signed webhook arrives there too" webhook_arrives imported
check "retention runs there too" retention_runs imported 8 3
use_database laurel_demo_test
check "files come to what they say" as_expected
check "what was due is gone, or held; nothing waits to be delivered" what_was_due_is_gone
check "nothing it started is left running" nothing_is_left_running
check "the receiver refuses forgeries" receiver_refuses_forgeries
check "an incomplete folder is refused" refuses "$out/lacking" 'it lacks assessments.csv'
check "a missing folder is refused" refuses "$out/nowhere" 'no folder'
sql -d postgres -c 'DROP DATABASE laurel_demo_test WITH (FORCE)'
tally "$passed" "$failed"
