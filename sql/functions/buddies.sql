-- Buddies: who is matched with whom, and what becomes of it.

CREATE FUNCTION laurel_internal.are_skills(words text[]) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_are_skills';
COMMENT ON FUNCTION laurel_internal.are_skills(text[]) IS
'Whether words are as buddy_profiles and buddy_requests have them: up to 50 of 1 to 100 characters each, in one form, sorted, each once. For checks.';

CREATE FUNCTION laurel_internal.are_languages(tags text[]) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_are_languages';
COMMENT ON FUNCTION laurel_internal.are_languages(text[]) IS
'Whether tags are as buddy_profiles and buddy_requests have them: up to 20 of BCP 47, in their usual case, sorted, each once. For checks.';

CREATE FUNCTION laurel_internal.bring_buddy_words() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_bring_buddy_words';
COMMENT ON FUNCTION laurel_internal.bring_buddy_words() IS
'BEFORE INSERT or UPDATE row trigger of buddy_profiles and buddy_requests: skills without blanks at their ends, in normal form C and small'
' letters of ASCII; languages as BCP 47 writes them; both sorted, each once. 23514 <table>_skills_check or <table>_languages_check for what'
' has no such form.';

CREATE FUNCTION laurel_internal.check_buddy() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_buddy';
COMMENT ON FUNCTION laurel_internal.check_buddy() IS
'AFTER INSERT or UPDATE row trigger of buddy_matches, where a match is open: the buddy is not the newcomer''s manager (23514'
' buddy_matches_buddy_id_no_manager), and of a new one offers to be a buddy (23514 buddy_matches_buddy_id_active).';

CREATE FUNCTION laurel_internal.accompany() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_accompany';
COMMENT ON FUNCTION laurel_internal.accompany() IS
'AFTER row trigger of buddy_matches, where a match comes to be accepted or is not any more: the buddy of an accepted match accompanies the'
' newcomer''s onboarding that is active and has no buddy; when the match ends, no onboarding any more that has this buddy still.';

CREATE FUNCTION laurel_internal.find_companion() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_find_companion';
COMMENT ON FUNCTION laurel_internal.find_companion() IS
'BEFORE INSERT row trigger of user_onboardings, where no buddy is named: the buddy of the newcomer''s accepted match accompanies it.';

CREATE FUNCTION laurel.match_buddies(organization_id uuid DEFAULT NULL)
RETURNS TABLE (match_id uuid, user_id uuid, buddy_id uuid, status text, score integer, explanation jsonb, reason text)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 AS 'MODULE_PATHNAME', 'laurel_match_buddies';
COMMENT ON FUNCTION laurel.match_buddies(uuid) IS
'Proposes a buddy to every newcomer of an organization who has none: to as many as there are places for, and of all ways to do so one'
' whose scores add up to the most, the same one whatever the order of rows. Returns a row for each newcomer, by id: the match with its'
' score, 0 to 1000, and why; or no match and the reason: no_buddy (nobody else offers, but perhaps the manager), too_far (all who do are beyond'
' max_hours_apart), no_places (all who are near enough are full), met (whoever has a place was a match before, and others were not yet), outnumbered (the'
' places went to others). Never the manager; a pair comes again only when the newcomer has met all others who offer. Ends matches first that nobody'
' answered in time. organization_id: the active one where null. Of two at once the second waits and finds nobody left. For administrators'
' and trusted callers. Takes newcomers times buddies; stops when it is cancelled. Errors: 42501 not allowed; 22004 no organization; 22023 more than 100,000 on'
' a side, or than 20,000,000 pairs.';

CREATE FUNCTION laurel.approve_buddies(matches uuid[] DEFAULT NULL, organization_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_approve_buddies';
COMMENT ON FUNCTION laurel.approve_buddies(uuid[], uuid) IS
'Shows suggested matches to the two, who then may accept, and returns how many; what is not suggested any more is left as it is. matches: their'
' ids, all of the organization where null. organization_id: the active one where null. For administrators and trusted callers. Errors:'
' 42501 not allowed; 22004 no organization; 23514 the buddy is the newcomer''s manager by now, or offers nothing any more.';

CREATE FUNCTION laurel.accept_buddy(match_id uuid) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_accept_buddy';
COMMENT ON FUNCTION laurel.accept_buddy(uuid) IS
'The caller, newcomer or buddy, accepts a proposed match. Returns its status: accepted once both have, of which the domain event buddy_accepted'
' tells; else proposed. A second time changes nothing. Errors: 42501 there is no such match of the caller''s; 22004 no match; PT409 it was'
' declined or has ended; 23514 the buddy is the newcomer''s manager by now.';

CREATE FUNCTION laurel.decline_buddy(match_id uuid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_decline_buddy';
COMMENT ON FUNCTION laurel.decline_buddy(uuid) IS
'Declines a proposed match, for either of the two, or a suggested one too, for administrators and trusted callers: the place is free, and the'
' pair comes again only when the newcomer has met all others. Nobody is told who declined. Errors: 42501 not allowed, or no such match; 22004'
' no match; PT409 it does not wait any more.';

CREATE FUNCTION laurel.end_buddy(match_id uuid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_end_buddy';
COMMENT ON FUNCTION laurel.end_buddy(uuid) IS
'Ends an accepted match, for either of the two, administrators and trusted callers: the place is free. Errors: as of laurel.decline_buddy.';

CREATE FUNCTION laurel.my_buddies()
RETURNS TABLE (match_id uuid, i_am text, other_id uuid, other_name text, status text, i_accepted boolean, score integer, explanation jsonb, proposed_at timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 2 COST 500 AS 'MODULE_PATHNAME', 'laurel_my_buddies';
COMMENT ON FUNCTION laurel.my_buddies() IS
'The caller''s matches in the active organization that are proposed or accepted, newest first, with the name that the other has chosen for the'
' organization. i_am: newcomer or buddy, in that match. No rows without a caller.';
