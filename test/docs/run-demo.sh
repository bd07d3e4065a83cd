#!/usr/bin/env bash
# Runs the demo on its sample data, which must look as README.md shows it, and on a small folder of OULAD files whose
# outcome is known.
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

found() {
    sql -c "SELECT o.slug, u.email, count(*), sum(l.amount), string_agg(l.amount || ':'
                || (l.occurred_at AT TIME ZONE o.time_zone)::date, ' ' ORDER BY l.entry_no)
            FROM laurel.points_ledger l JOIN laurel.organizations o ON o.id = l.organization_id
            JOIN laurel.users u ON u.id = l.user_id GROUP BY o.slug, u.email ORDER BY o.slug, u.email" \
        -c "SELECT slug, sum(times_awarded) FROM laurel.badges GROUP BY slug ORDER BY slug" \
        -c "SELECT 'enrolled', count(*), 'completed', count(completed_at) FROM laurel.enrollments"
}

as_expected() {
    diff <(expected) <(found)
}

# Ids and times differ from run to run.
normalise() {
    sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DATE/g' \
        -e 's/^ +//' -e 's/ +/ /g' -e '/^[- ]*$/d' "$1"
}

demo() {
    DATA=$1 scripts/demo.sh laurel_demo_test >"$2" 2>&1
}

finds_no_problem() {
    grep -A 3 '^== laurel.verify_ledger' "$out/sample" | grep -qE '^ +[0-9]+ +[0-9]+ +0$'
}

accepts_nothing() {
    ! grep -w accepted "$out/sample"
}

# Every line of the first ```text block of README.md is one that the demo printed.
as_readme() {
    awk '/^```/ { if (inside) exit; inside = /^```text/; next } inside' README.md >"$out/readme"
    ! grep -vxFf <(normalise "$out/sample") <(normalise "$out/readme")
}

refuses() {
    ! demo "$1" "$out/refused" && grep -F "$2" "$out/refused"
}

find_server
rm -rf "$out"
mkdir -p "$out/files" "$out/lacking"
write_files "$out/files"
cp "$out/files/courses.csv" "$out/lacking"

check "the demo runs" demo '' "$out/sample"
check "its ledger is sound" finds_no_problem
check "what it shows as refused is refused" accepts_nothing
check "README.md shows what it prints" as_readme
check "files are imported" demo "$out/files" "$out/imported"
check "a second import adds nothing" grep 'importing it again: 0 new' "$out/imported"
use_database laurel_demo_test
check "files come to what they say" as_expected
check "an incomplete folder is refused" refuses "$out/lacking" 'it lacks assessments.csv'
check "a missing folder is refused" refuses "$out/nowhere" 'no folder'
sql -d postgres -c 'DROP DATABASE laurel_demo_test WITH (FORCE)'
tally "$passed" "$failed"
