-- Up Migration
-- Buddies: members who look after newcomers, who is asked to, and why those two.

CREATE TABLE laurel.buddy_settings (
    organization_id uuid CONSTRAINT buddy_settings_pkey PRIMARY KEY CONSTRAINT buddy_settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    newcomer_days integer CONSTRAINT buddy_settings_newcomer_days_check CHECK (newcomer_days BETWEEN 1 AND 366),
    review boolean NOT NULL DEFAULT false,
    answer_within interval NOT NULL DEFAULT '14 days'
        CONSTRAINT buddy_settings_answer_within_check CHECK (extract(year FROM answer_within) = 0 AND extract(month FROM answer_within) = 0 AND answer_within BETWEEN '1 hour' AND '365 days'),
    max_hours_apart integer CONSTRAINT buddy_settings_max_hours_apart_check CHECK (max_hours_apart BETWEEN 0 AND 12),
    skills_weight integer NOT NULL DEFAULT 50,
    languages_weight integer NOT NULL DEFAULT 30,
    zone_weight integer NOT NULL DEFAULT 20,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT buddy_settings_weights_check CHECK (skills_weight >= 0 AND languages_weight >= 0 AND zone_weight >= 0
        AND skills_weight + languages_weight + zone_weight = 100)
);

CREATE TABLE laurel.buddy_profiles (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    capacity bigint NOT NULL DEFAULT 1 CONSTRAINT buddy_profiles_capacity_check CHECK (capacity BETWEEN 1 AND 100),
    open_matches bigint NOT NULL DEFAULT 0,
    skills text[] CONSTRAINT buddy_profiles_skills_check CHECK (laurel_internal.are_skills(skills)),
    languages text[] CONSTRAINT buddy_profiles_languages_check CHECK (laurel_internal.are_languages(languages)),
    status text NOT NULL DEFAULT 'active',
    paused_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT buddy_profiles_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT buddy_profiles_open_matches_check CHECK (open_matches BETWEEN 0 AND capacity),
    CONSTRAINT buddy_profiles_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- What a member offers.
CREATE INDEX buddy_profiles_user_id_idx ON laurel.buddy_profiles (user_id, organization_id);

CREATE TABLE laurel.buddy_requests (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    wanted boolean NOT NULL DEFAULT true,
    skills text[] CONSTRAINT buddy_requests_skills_check CHECK (laurel_internal.are_skills(skills)),
    languages text[] CONSTRAINT buddy_requests_languages_check CHECK (laurel_internal.are_languages(languages)),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT buddy_requests_pkey PRIMARY KEY (organization_id, user_id),
    CONSTRAINT buddy_requests_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- What a member has asked for.
CREATE INDEX buddy_requests_user_id_idx ON laurel.buddy_requests (user_id, organization_id);

CREATE TABLE laurel.buddy_matches (
    id uuid CONSTRAINT buddy_matches_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    buddy_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'proposed',
    score integer CONSTRAINT buddy_matches_score_check CHECK (score BETWEEN 0 AND 1000),
    explanation jsonb NOT NULL DEFAULT '{}' CONSTRAINT buddy_matches_explanation_check CHECK (laurel_internal.check_json(explanation, 'buddy_matches', 'explanation')),
    times integer NOT NULL DEFAULT 1 CONSTRAINT buddy_matches_times_check CHECK (times >= 1),
    proposed_at timestamptz NOT NULL DEFAULT now(),
    user_accepted_at timestamptz,
    buddy_accepted_at timestamptz,
    accepted_at timestamptz,
    declined_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT buddy_matches_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT buddy_matches_user_id_buddy_id_key UNIQUE (organization_id, user_id, buddy_id),
    CONSTRAINT buddy_matches_buddy_id_check CHECK (buddy_id <> user_id),
    CONSTRAINT buddy_matches_accepted_at_check CHECK (CASE status WHEN 'accepted' THEN accepted_at IS NOT NULL WHEN 'ended' THEN true ELSE accepted_at IS NULL END),
    CONSTRAINT buddy_matches_declined_at_check CHECK ((status = 'declined') = (declined_at IS NOT NULL)),
    CONSTRAINT buddy_matches_ended_at_check CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
    CONSTRAINT buddy_matches_user_id_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT buddy_matches_buddy_id_fkey FOREIGN KEY (organization_id, buddy_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT buddy_matches_offer_fkey FOREIGN KEY (organization_id, buddy_id)
        REFERENCES laurel.buddy_profiles (organization_id, user_id) ON DELETE CASCADE
) WITH (fillfactor = 90);
-- A newcomer has one at a time; a member's matches, as newcomer and as buddy; what waits for review or an answer.
CREATE UNIQUE INDEX buddy_matches_open_key ON laurel.buddy_matches (organization_id, user_id) WHERE status IN ('suggested', 'proposed', 'accepted');
CREATE INDEX buddy_matches_user_id_idx ON laurel.buddy_matches (user_id, organization_id, status);
CREATE INDEX buddy_matches_buddy_id_idx ON laurel.buddy_matches (buddy_id, organization_id, status);
CREATE INDEX buddy_matches_status_idx ON laurel.buddy_matches (organization_id, status, proposed_at);

SELECT laurel_internal.add_tenant_triggers('laurel.buddy_settings'), laurel_internal.add_tenant_triggers('laurel.buddy_profiles'),
       laurel_internal.add_tenant_triggers('laurel.buddy_requests'), laurel_internal.add_tenant_triggers('laurel.buddy_matches'),
       laurel_internal.keep('laurel.buddy_profiles', 'user_id', 'created_at'), laurel_internal.keep('laurel.buddy_requests', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.buddy_matches', 'user_id', 'buddy_id', 'created_at'),
       laurel_internal.counts('laurel.buddy_profiles', 'open_matches', 'laurel.buddy_matches', 'buddy_id', $$ status IN ('suggested', 'proposed', 'accepted') $$),
       laurel_internal.states('laurel.buddy_profiles', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.archive_instead('laurel.buddy_profiles', 'status', 'archived'),
       laurel_internal.states('laurel.buddy_matches', 'status', '{"suggested": ["proposed", "declined", "ended"], "proposed": ["accepted", "declined", "ended"], "accepted": ["ended"],
           "declined": ["suggested", "proposed"], "ended": ["suggested", "proposed"]}', '{"accepted": "accepted_at", "declined": "declined_at", "ended": "ended_at"}');

CREATE TRIGGER b_bring_buddy_words BEFORE INSERT OR UPDATE ON laurel.buddy_profiles
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.bring_buddy_words();
CREATE TRIGGER b_bring_buddy_words BEFORE INSERT OR UPDATE ON laurel.buddy_requests
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.bring_buddy_words();
-- Nobody is looked after by the manager, nor by somebody who does not offer it any more.
CREATE TRIGGER check_buddy AFTER INSERT ON laurel.buddy_matches
    FOR EACH ROW WHEN (NEW.status IN ('suggested', 'proposed', 'accepted')) EXECUTE FUNCTION laurel_internal.check_buddy();
CREATE TRIGGER check_buddy_again AFTER UPDATE ON laurel.buddy_matches
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('suggested', 'proposed', 'accepted')) EXECUTE FUNCTION laurel_internal.check_buddy();

-- Whoever is matched accompanies the onboarding, be it there before the match or after it, and no longer than that.
CREATE TRIGGER accompany AFTER INSERT ON laurel.buddy_matches
    FOR EACH ROW WHEN (NEW.status = 'accepted') EXECUTE FUNCTION laurel_internal.accompany();
CREATE TRIGGER accompany_from_now_on AFTER UPDATE ON laurel.buddy_matches
    FOR EACH ROW WHEN ((OLD.status = 'accepted') <> (NEW.status = 'accepted')) EXECUTE FUNCTION laurel_internal.accompany();
CREATE TRIGGER accompany_no_more AFTER DELETE ON laurel.buddy_matches
    FOR EACH ROW WHEN (OLD.status = 'accepted') EXECUTE FUNCTION laurel_internal.accompany();
CREATE TRIGGER c_find_companion BEFORE INSERT ON laurel.user_onboardings
    FOR EACH ROW WHEN (NEW.assigned_buddy_id IS NULL) EXECUTE FUNCTION laurel_internal.find_companion();

-- Who hears of it: the two, but for the one who does it. What did not come about says not why, nor by whom.
SELECT laurel_internal.tell('laurel.buddy_matches', $$
           SELECT n.organization_id, p.user_id, 'buddy_proposed' AS type, pg_catalog.jsonb_build_object('match_id', n.id) AS data,
                  p.title, '/buddies/' || n.id AS link, pg_catalog.concat_ws(':', 'buddy_proposed', n.id, n.times, p.user_id) AS key
           FROM new_rows n CROSS JOIN LATERAL (VALUES (n.user_id, 'There is a buddy for you'), (n.buddy_id, 'A newcomer would be glad of you as a buddy')) p (user_id, title)
           WHERE n.status = 'proposed'
           UNION ALL
           SELECT n.organization_id, p.user_id, p.type, pg_catalog.jsonb_build_object('match_id', n.id, 'user_id', n.user_id, 'buddy_id', n.buddy_id),
                  p.title, '/buddies/' || n.id, pg_catalog.concat_ws(':', p.type, n.id, n.times, p.user_id)
           FROM new_rows n CROSS JOIN LATERAL (VALUES (n.user_id, 'buddy_accepted', 'You have a buddy'), (n.buddy_id, 'buddy_assigned', 'You are a buddy')) p (user_id, type, title)
           WHERE n.status = 'accepted' $$),
       laurel_internal.tell('laurel.buddy_matches', $$
           SELECT n.organization_id, p.user_id, 'buddy_proposed' AS type, pg_catalog.jsonb_build_object('match_id', n.id) AS data,
                  p.title, '/buddies/' || n.id AS link, pg_catalog.concat_ws(':', 'buddy_proposed', n.id, n.times, p.user_id) AS key
           FROM new_rows n JOIN old_rows o ON o.id = n.id
           CROSS JOIN LATERAL (VALUES (n.user_id, 'There is a buddy for you'), (n.buddy_id, 'A newcomer would be glad of you as a buddy')) p (user_id, title)
           WHERE n.status = 'proposed' AND o.status <> 'proposed'
           UNION ALL
           SELECT n.organization_id, p.user_id, p.type, pg_catalog.jsonb_build_object('match_id', n.id, 'user_id', n.user_id, 'buddy_id', n.buddy_id),
                  CASE WHEN laurel.uid() IS DISTINCT FROM p.user_id THEN p.title END, '/buddies/' || n.id, pg_catalog.concat_ws(':', p.type, n.id, n.times, p.user_id)
           FROM new_rows n JOIN old_rows o ON o.id = n.id
           CROSS JOIN LATERAL (VALUES (n.user_id, 'buddy_accepted', 'You have a buddy'), (n.buddy_id, 'buddy_assigned', 'You are a buddy')) p (user_id, type, title)
           WHERE n.status = 'accepted' AND o.status <> 'accepted'
           UNION ALL
           SELECT n.organization_id, p.user_id, CASE o.status WHEN 'accepted' THEN 'buddy_ended' ELSE 'buddy_closed' END, pg_catalog.jsonb_build_object('match_id', n.id),
                  CASE WHEN laurel.uid() IS DISTINCT FROM p.user_id THEN
                      CASE o.status WHEN 'accepted' THEN 'Your time as buddies has ended' ELSE 'Your match with a buddy did not come about' END END,
                  NULL, pg_catalog.concat_ws(':', 'buddy_closed', n.id, n.times, p.user_id)
           FROM new_rows n JOIN old_rows o ON o.id = n.id CROSS JOIN LATERAL (VALUES (n.user_id), (n.buddy_id)) p (user_id)
           WHERE n.status IN ('declined', 'ended') AND o.status IN ('proposed', 'accepted') $$, 'UPDATE');

-- Members offer and ask for themselves. The two see their match while it is one, and once it was; what was declined or never
-- answered is for administrators, who do not see by whom either.
SELECT laurel_internal.protect('laurel.buddy_settings', 'catalogue'),
       laurel_internal.protect('laurel.buddy_profiles', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE"}', writes => '{
               "INSERT": "organization_id, user_id, capacity, skills, languages, paused_until", "UPDATE": "capacity, skills, languages, status, paused_until"}'),
       laurel_internal.protect('laurel.buddy_requests', 'personal', commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "INSERT, UPDATE, DELETE"}', writes => '{
               "INSERT": "organization_id, user_id, wanted, skills, languages", "UPDATE": "wanted, skills, languages"}'),
       laurel_internal.protect('laurel.buddy_matches', 'administrative', others => '{
               "pair": "(user_id = laurel_internal.me() OR buddy_id = laurel_internal.me()) AND (status IN (''proposed'', ''accepted'') OR status = ''ended'' AND accepted_at IS NOT NULL)"}',
           commands => '{"pair": "SELECT"}'),
       laurel_internal.member('laurel.buddy_profiles'), laurel_internal.member('laurel.buddy_requests'), laurel_internal.member('laurel.buddy_matches');

SELECT laurel_internal.explain('laurel.buddy_settings', 'How an organization finds buddies: without a row by the defaults. The three weights are per cent, a hundred together.', '{
    "newcomer_days": "Who has joined within so many days wants a buddy without asking, until one was found; null: only who asks. 1 to 366.",
    "review": "Whether an administrator sees matches before the two do.",
    "answer_within": "How long the two have to answer, an hour to 365 days: then laurel.match_buddies() ends the match and looks for another.",
    "max_hours_apart": "How many hours the clocks of two may differ at most, 0 to 12; null for any number.",
    "skills_weight": "How much counts which part of the skills that the newcomer names the buddy has.",
    "languages_weight": "How much counts a language in common.",
    "zone_weight": "How much counts how near their clocks are. The three weights add up to 100."}');
SELECT laurel_internal.explain('laurel.buddy_profiles', 'Who offers to be a buddy. Deleting one archives it; matches that are open go on.', '{
    "capacity": "For how many newcomers at a time, 1 to 100; never fewer than are open.",
    "open_matches": "How many places are taken by matches that are suggested, proposed or accepted: exactly those of buddy_matches, which alone write it.",
    "skills": "What the buddy knows or likes, up to 50 of 1 to 100 characters each: in small letters, sorted, each once; null: the skills of the profile.",
    "languages": "Languages, up to 20 tags of BCP 47, sorted, each once; null: the language of the preferences.",
    "status": "active, or archived: then there are no new matches.",
    "paused_until": "Until when laurel.match_buddies() finds nobody for the buddy; null for no pause."}');
SELECT laurel_internal.explain('laurel.buddy_requests', 'Who wants a buddy, for as long as the row is there: whose match was declined or has ended is matched again.', '{
    "wanted": "False: wants none, although new.",
    "skills": "What the newcomer wants to learn or likes, as in buddy_profiles; null: the skills of the profile.",
    "languages": "Languages as in buddy_profiles; null: the language of the preferences."}');
SELECT laurel_internal.explain('laurel.buddy_matches', 'A newcomer and a buddy, a row for each pair: the same row again when they are matched again. Whoever is new has one open match at a time.', '{
    "user_id": "The newcomer; never changed.",
    "buddy_id": "The buddy, who has a row in buddy_profiles; neither the newcomer nor the newcomer''s manager, when they are matched and when it is accepted. Never changed.",
    "status": "suggested (an administrator looks at it first), proposed, accepted (by both), declined or ended. The last two free the buddy''s place.",
    "score": "How well they go together, in thousandths; null for a match that was made by hand.",
    "explanation": "Why these two, for people and programs: skills, languages and zone, each with its part of the score, and all in words.",
    "times": "How often they were matched.",
    "proposed_at": "When they were matched last; of a suggested match that was approved, when that was.",
    "user_accepted_at": "When the newcomer accepted.",
    "buddy_accepted_at": "When the buddy accepted.",
    "accepted_at": "When both had.",
    "declined_at": "When it was declined, by one of the two or an administrator.",
    "ended_at": "When it ended, or was not answered in time."}');

-- Down Migration

DROP TRIGGER c_find_companion ON laurel.user_onboardings;
DROP FUNCTION laurel.member(laurel.buddy_profiles), laurel.member(laurel.buddy_requests), laurel.member(laurel.buddy_matches);
DROP TABLE laurel.buddy_matches, laurel.buddy_requests, laurel.buddy_profiles, laurel.buddy_settings;
