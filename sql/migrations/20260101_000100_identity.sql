-- Up Migration
-- Organizations, the people in them and what they may do.

CREATE TABLE laurel.organizations (
    id uuid CONSTRAINT organizations_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    name text NOT NULL CONSTRAINT organizations_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    slug text CONSTRAINT organizations_slug_key UNIQUE
        CONSTRAINT organizations_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 100),
    domain text CONSTRAINT organizations_domain_key UNIQUE
        CONSTRAINT organizations_domain_check CHECK (laurel_internal.is_canonical(domain, 'domain') AND char_length(domain) <= 100),
    industry text CONSTRAINT organizations_industry_check CHECK (char_length(industry) <= 100),
    size_category text CONSTRAINT organizations_size_category_check CHECK (char_length(size_category) <= 50),
    logo_url text CONSTRAINT organizations_logo_url_check CHECK (char_length(logo_url) <= 2000),
    admin_id uuid,
    settings jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT organizations_settings_check
            CHECK (laurel_internal.check_json(settings, 'organizations', 'settings')),
    time_zone text NOT NULL DEFAULT 'UTC'
        CONSTRAINT organizations_time_zone_check CHECK (laurel_internal.is_canonical(time_zone, 'time_zone')),
    tier_basis text NOT NULL DEFAULT 'total'
        CONSTRAINT organizations_tier_basis_check CHECK (tier_basis IN ('total', 'lifetime', 'rolling')),
    tier_window_days integer CONSTRAINT organizations_tier_window_days_check CHECK (tier_window_days BETWEEN 1 AND 3660),
    tier_window_months integer CONSTRAINT organizations_tier_window_months_check CHECK (tier_window_months BETWEEN 1 AND 120),
    tier_grace_days integer NOT NULL DEFAULT 0 CONSTRAINT organizations_tier_grace_days_check CHECK (tier_grace_days BETWEEN 0 AND 366),
    activity_tolerance interval NOT NULL DEFAULT '48 hours'
        CONSTRAINT organizations_activity_tolerance_check CHECK (extract(year FROM activity_tolerance) = 0
            AND extract(month FROM activity_tolerance) = 0 AND extract(day FROM activity_tolerance) BETWEEN 0 AND 7 AND activity_tolerance BETWEEN '0' AND '7 days'),
    invitation_lifetime interval NOT NULL DEFAULT '7 days'
        CONSTRAINT organizations_invitation_lifetime_check CHECK (laurel_internal.is_invitation_lifetime(invitation_lifetime)),
    daily_invitations integer NOT NULL DEFAULT 200
        CONSTRAINT organizations_daily_invitations_check CHECK (daily_invitations BETWEEN 0 AND 100000),
    webhook_endpoints_limit integer NOT NULL DEFAULT 50
        CONSTRAINT organizations_webhook_endpoints_limit_check CHECK (webhook_endpoints_limit BETWEEN 0 AND 10000),
    webhook_concurrency_limit integer NOT NULL DEFAULT 50
        CONSTRAINT organizations_webhook_concurrency_limit_check CHECK (webhook_concurrency_limit BETWEEN 1 AND 1000),
    webhook_timeout_limit_ms integer NOT NULL DEFAULT 30000
        CONSTRAINT organizations_webhook_timeout_limit_ms_check CHECK (webhook_timeout_limit_ms BETWEEN 100 AND 60000),
    webhooks_under_way_limit integer NOT NULL DEFAULT 500
        CONSTRAINT organizations_webhooks_under_way_limit_check CHECK (webhooks_under_way_limit BETWEEN 0 AND 100000),
    is_default boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT organizations_tier_window_check CHECK (num_nonnulls(tier_window_days, tier_window_months) = CASE tier_basis WHEN 'rolling' THEN 1 ELSE 0 END)
);
CREATE UNIQUE INDEX organizations_default_key ON laurel.organizations (is_default) WHERE is_default;
CREATE INDEX organizations_admin_id_idx ON laurel.organizations (admin_id);

CREATE TABLE laurel.users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL
        CONSTRAINT users_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE RESTRICT,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE
        CONSTRAINT users_email_check CHECK (laurel_internal.is_canonical(email, 'mail_address')),
    password_hash text
        CONSTRAINT users_password_hash_check CHECK (password_hash ~ '^\$2[abxy]\$[0-3][0-9]\$[./A-Za-z0-9]{53}$'),
    full_name text CONSTRAINT users_full_name_check CHECK (char_length(full_name) BETWEEN 1 AND 255),
    first_name text CONSTRAINT users_first_name_check CHECK (char_length(first_name) <= 100),
    last_name text CONSTRAINT users_last_name_check CHECK (char_length(last_name) <= 100),
    avatar_url text CONSTRAINT users_avatar_url_check CHECK (char_length(avatar_url) <= 2000),
    job_title text CONSTRAINT users_job_title_check CHECK (char_length(job_title) <= 200),
    department text CONSTRAINT users_department_check CHECK (char_length(department) <= 100),
    manager_id uuid CONSTRAINT users_manager_id_check CHECK (manager_id <> id),
    permissions text[] NOT NULL DEFAULT '{}' CONSTRAINT users_permissions_check
        CHECK (cardinality(permissions) <= 100 AND pg_column_size(permissions) <= 8192),
    is_active boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    email_changed_at timestamptz,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT users_manager_id_fkey FOREIGN KEY (organization_id, manager_id)
        REFERENCES laurel.users (organization_id, id) ON DELETE SET NULL (manager_id)
);
-- The members of an organization, newest first; also everything that asks for one organization's users.
CREATE INDEX users_organization_id_created_at_idx ON laurel.users (organization_id, created_at DESC);
-- Direct reports: of the caller, and where the foreign key looks.
CREATE INDEX users_manager_id_idx ON laurel.users (manager_id, organization_id);
-- Those who left.
CREATE INDEX users_is_active_idx ON laurel.users (is_active);

ALTER TABLE laurel.organizations ADD CONSTRAINT organizations_admin_id_fkey
    FOREIGN KEY (admin_id) REFERENCES laurel.users (id) ON DELETE SET NULL;

CREATE TABLE laurel.user_organizations (
    organization_id uuid NOT NULL
        CONSTRAINT user_organizations_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL CONSTRAINT user_organizations_user_id_fkey REFERENCES laurel.users (id) ON DELETE CASCADE,
    joined_at timestamptz NOT NULL DEFAULT now(),
    display_name text CONSTRAINT user_organizations_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 255),
    avatar_url text CONSTRAINT user_organizations_avatar_url_check CHECK (char_length(avatar_url) <= 2000),
    leaderboard_privacy text NOT NULL DEFAULT 'public' CONSTRAINT user_organizations_leaderboard_privacy_check
        CHECK (leaderboard_privacy IN ('public', 'anonymous', 'hidden')),
    CONSTRAINT user_organizations_pkey PRIMARY KEY (organization_id, user_id)
);
-- A user's memberships.
CREATE INDEX user_organizations_user_id_idx ON laurel.user_organizations (user_id, organization_id);
-- Who is left out of an organization's leaderboards, or has no name there.
CREATE INDEX user_organizations_private_idx ON laurel.user_organizations (user_id, organization_id) WHERE leaderboard_privacy <> 'public';

CREATE TABLE laurel.roles (
    name text CONSTRAINT roles_pkey PRIMARY KEY
        CONSTRAINT roles_name_check CHECK (name IN ('learner', 'trainer', 'manager', 'org_admin', 'platform_admin')),
    description text NOT NULL,
    permissions text[] NOT NULL DEFAULT '{}'
);

INSERT INTO laurel.roles (name, description, permissions) VALUES
    ('learner', 'Every member: learns, earns, and sees what is his or her own.',
        '{profile:write, courses:enroll, points:read, badges:read, leaderboard:read}'),
    ('trainer', 'Also sees the learners enrolled in the courses he or she gives.',
        '{profile:write, courses:enroll, points:read, badges:read, leaderboard:read, learners:read}'),
    ('manager', 'Also sees his or her direct reports.',
        '{profile:write, courses:enroll, points:read, badges:read, leaderboard:read, reports:read}'),
    ('org_admin', 'Sees everybody in the organization, keeps its catalogues, awards points and badges.',
        '{profile:write, courses:enroll, courses:write, points:read, points:award, badges:read, badges:award, badges:write, leaderboard:read, members:read, members:write, roles:grant, organization:write}'),
    ('platform_admin', 'An org_admin of every organization; alone may make others so.',
        '{profile:write, courses:enroll, courses:write, points:read, points:award, badges:read, badges:award, badges:write, leaderboard:read, members:read, members:write, roles:grant, organization:write, platform:write}');

CREATE TABLE laurel.user_roles (
    id uuid CONSTRAINT user_roles_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL CONSTRAINT user_roles_role_fkey REFERENCES laurel.roles (name),
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by uuid DEFAULT laurel.uid()
        CONSTRAINT user_roles_granted_by_fkey REFERENCES laurel.users (id) ON DELETE SET NULL,
    CONSTRAINT user_roles_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT user_roles_organization_id_user_id_role_key UNIQUE (organization_id, user_id, role),
    CONSTRAINT user_roles_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A user's roles; who holds one; what a user has granted.
CREATE INDEX user_roles_user_id_idx ON laurel.user_roles (user_id, organization_id);
CREATE INDEX user_roles_role_idx ON laurel.user_roles (role);
CREATE INDEX user_roles_granted_by_idx ON laurel.user_roles (granted_by);

CREATE TABLE laurel.profiles (
    user_id uuid CONSTRAINT profiles_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    display_name text CONSTRAINT profiles_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 255),
    bio text CONSTRAINT profiles_bio_check CHECK (char_length(bio) <= 500),
    avatar_url text CONSTRAINT profiles_avatar_url_check CHECK (char_length(avatar_url) <= 2000),
    avatar_thumbnail_url text
        CONSTRAINT profiles_avatar_thumbnail_url_check CHECK (char_length(avatar_thumbnail_url) <= 2000),
    phone text CONSTRAINT profiles_phone_check CHECK (char_length(phone) <= 20),
    address text CONSTRAINT profiles_address_check CHECK (char_length(address) <= 500),
    city text CONSTRAINT profiles_city_check CHECK (char_length(city) <= 100),
    state text CONSTRAINT profiles_state_check CHECK (char_length(state) <= 100),
    country text CONSTRAINT profiles_country_check CHECK (char_length(country) <= 100),
    postal_code text CONSTRAINT profiles_postal_code_check CHECK (char_length(postal_code) <= 20),
    date_of_birth date CONSTRAINT profiles_date_of_birth_check CHECK (date_of_birth >= date '1850-01-01'),
    emergency_contact text
        CONSTRAINT profiles_emergency_contact_check CHECK (char_length(emergency_contact) <= 100),
    emergency_phone text CONSTRAINT profiles_emergency_phone_check CHECK (char_length(emergency_phone) <= 20),
    skills jsonb NOT NULL DEFAULT '[]'
        CONSTRAINT profiles_skills_check CHECK (laurel_internal.check_json(skills, 'profiles', 'skills', true)),
    privacy_settings jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT profiles_privacy_settings_check CHECK (laurel_internal.check_json(privacy_settings, 'profiles', 'privacy_settings')),
    preferences jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT profiles_preferences_check CHECK (laurel_internal.check_json(preferences, 'profiles', 'preferences')),
    metadata jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT profiles_metadata_check CHECK (laurel_internal.check_json(metadata, 'profiles', 'metadata')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT profiles_organization_id_user_id_key UNIQUE (organization_id, user_id),
    CONSTRAINT profiles_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);

CREATE TABLE laurel.user_preferences (
    user_id uuid CONSTRAINT user_preferences_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    leaderboard_privacy text NOT NULL DEFAULT 'public' CONSTRAINT user_preferences_leaderboard_privacy_check
        CHECK (leaderboard_privacy IN ('public', 'anonymous', 'hidden')),
    predictive_analytics_enabled jsonb NOT NULL
        DEFAULT '{"dropOffRisk": true, "forecasting": true, "recommendations": true}'
        CONSTRAINT user_preferences_predictive_analytics_enabled_check
        CHECK (laurel_internal.check_json(predictive_analytics_enabled, 'user_preferences', 'predictive_analytics_enabled')),
    notification_preferences jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT user_preferences_notification_preferences_check
        CHECK (laurel_internal.check_json(notification_preferences, 'user_preferences', 'notification_preferences')),
    theme text NOT NULL DEFAULT 'auto'
        CONSTRAINT user_preferences_theme_check CHECK (theme IN ('light', 'dark', 'auto')),
    language text NOT NULL DEFAULT 'en' CONSTRAINT user_preferences_language_check
        CHECK (laurel_internal.is_canonical(language, 'locale') AND language <> '*'),
    time_zone text CONSTRAINT user_preferences_time_zone_check CHECK (laurel_internal.is_canonical(time_zone, 'time_zone')),
    widgets jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT user_preferences_widgets_check CHECK (laurel_internal.check_json(widgets, 'user_preferences', 'widgets')),
    dashboard jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT user_preferences_dashboard_check CHECK (laurel_internal.check_json(dashboard, 'user_preferences', 'dashboard')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_preferences_organization_id_user_id_key UNIQUE (organization_id, user_id),
    CONSTRAINT user_preferences_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- Who is left out of leaderboards.
CREATE INDEX user_preferences_hidden_idx ON laurel.user_preferences (user_id, organization_id) WHERE leaderboard_privacy = 'hidden';

CREATE TABLE laurel_internal.access_changes (nothing boolean);
CREATE TABLE laurel_internal.following_changes (nothing boolean);

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON laurel.organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.touch_updated_at();
SELECT laurel_internal.add_tenant_triggers('laurel.users'),
       laurel_internal.add_tenant_triggers('laurel.user_organizations'),
       laurel_internal.add_tenant_triggers('laurel.user_roles'),
       laurel_internal.add_tenant_triggers('laurel.profiles'),
       laurel_internal.add_tenant_triggers('laurel.user_preferences');

SELECT laurel_internal.canonical('laurel.organizations', 'slug', 'slug'),
       laurel_internal.canonical('laurel.organizations', 'domain', 'domain'),
       laurel_internal.canonical('laurel.organizations', 'time_zone', 'time_zone'),
       laurel_internal.canonical('laurel.users', 'email', 'mail_address'),
       laurel_internal.canonical('laurel.user_preferences', 'language', 'locale'),
       laurel_internal.canonical('laurel.user_preferences', 'time_zone', 'time_zone');

CREATE TRIGGER normalize_user BEFORE INSERT OR UPDATE ON laurel.users
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.normalize_user();
CREATE TRIGGER open_user AFTER INSERT ON laurel.users REFERENCING NEW TABLE AS new_users
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.open_user();
CREATE TRIGGER keep_home_on_delete AFTER DELETE ON laurel.user_organizations REFERENCING OLD TABLE AS old_members
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_home_membership();
CREATE TRIGGER keep_home_on_update AFTER UPDATE ON laurel.user_organizations REFERENCING OLD TABLE AS old_members
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_home_membership();
CREATE TRIGGER keep_home_on_truncate AFTER TRUNCATE ON laurel.user_organizations
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_home_membership();
CREATE TRIGGER guard_platform_admin BEFORE DELETE ON laurel.users
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_platform_admin();
CREATE TRIGGER guard_platform_admin BEFORE DELETE ON laurel.user_organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_platform_admin();
CREATE TRIGGER guard_membership BEFORE INSERT ON laurel.user_organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_membership();
-- Fires before the triggers of foreign keys, by its name, which would delete what moves.
CREATE TRIGGER "A_move_home" AFTER DELETE ON laurel.user_organizations
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.move_home();
CREATE TRIGGER guard_domain BEFORE UPDATE ON laurel.organizations
    FOR EACH ROW WHEN (OLD.domain IS DISTINCT FROM NEW.domain) EXECUTE FUNCTION laurel_internal.guard_domain();
CREATE TRIGGER guard_role BEFORE INSERT OR UPDATE OR DELETE ON laurel.user_roles
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.guard_role();

SELECT laurel_internal.add_signal('laurel.organizations', 'access_changes', 'UPDATE OF is_active'),
       laurel_internal.add_signal('laurel.users', 'access_changes', 'UPDATE OF is_active, organization_id', 'DELETE', 'TRUNCATE'),
       laurel_internal.add_signal('laurel.user_organizations', 'access_changes', 'INSERT', 'UPDATE OF organization_id, user_id', 'DELETE', 'TRUNCATE'),
       laurel_internal.add_signal('laurel.user_roles', 'access_changes', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'),
       laurel_internal.add_signal('laurel.users', 'following_changes', 'UPDATE OF manager_id');

INSERT INTO laurel.organizations (name, slug, is_default) VALUES ('Default', 'default', true);

SELECT laurel_internal.protect('laurel.organizations', 'organization', commands => '{"administrators": "UPDATE"}',
           writes => '{"UPDATE": "name, domain, industry, size_category, logo_url, settings, time_zone, tier_basis, tier_window_days, tier_window_months, tier_grace_days, activity_tolerance, invitation_lifetime"}'),
       laurel_internal.protect('laurel.users', 'own', 'id', commands => '{"administrators": "ALL"}',
           reads => 'id, organization_id, email, full_name, first_name, last_name, avatar_url, job_title, department, manager_id, permissions, is_active, email_verified, email_changed_at, last_login_at, created_at, updated_at',
           writes => '{
               "INSERT": "id, organization_id, email, full_name, first_name, last_name, avatar_url, job_title, department, manager_id, is_active",
               "UPDATE": "email, full_name, first_name, last_name, avatar_url, job_title, department, manager_id, is_active"}'),
       laurel_internal.protect('laurel.user_organizations', 'personal', commands => '{"self": "UPDATE, DELETE", "administrators": "INSERT, DELETE"}',
           writes => '{"INSERT": "organization_id, user_id, joined_at", "UPDATE": "display_name, avatar_url, leaderboard_privacy"}'),
       laurel_internal.protect('laurel.roles', 'common'),
       laurel_internal.protect('laurel.user_roles', 'personal', commands => '{"administrators": "ALL"}'),
       laurel_internal.protect('laurel.profiles', 'own', commands => '{"self": "INSERT, UPDATE"}'),
       laurel_internal.protect('laurel.user_preferences', 'own', commands => '{"self": "INSERT, UPDATE"}');

-- What of them nobody but the person reads without a purpose.
SELECT laurel_internal.personal('laurel.profiles', '{phone, address, date_of_birth, emergency_contact, emergency_phone}', searchable => '{phone}');

-- Whom rows are about, without what is secret and what is for the back end.
CREATE VIEW laurel.people WITH (security_invoker = true) AS
SELECT u.id, u.organization_id, u.email, u.full_name, u.first_name, u.last_name, u.avatar_url, u.job_title, u.department,
    u.manager_id, u.is_active
FROM ONLY laurel.users u;

CREATE VIEW laurel.user_profiles WITH (security_invoker = true) AS
SELECT p.user_id, p.organization_id, (SELECT u.email FROM ONLY laurel.users u WHERE u.id = p.user_id) AS user_email,
    p.display_name, p.bio, p.avatar_url, p.avatar_thumbnail_url,
    laurel_internal.personal_text(p.phone_sealed, 'laurel.profiles', 'phone', p.organization_id, p.user_id, p.user_id) AS phone,
    laurel_internal.personal_text(p.address_sealed, 'laurel.profiles', 'address', p.organization_id, p.user_id, p.user_id) AS address,
    p.city, p.state, p.country, p.postal_code,
    laurel_internal.personal_date(p.date_of_birth_sealed, 'laurel.profiles', 'date_of_birth', p.organization_id, p.user_id, p.user_id) AS date_of_birth,
    laurel_internal.personal_text(p.emergency_contact_sealed, 'laurel.profiles', 'emergency_contact', p.organization_id, p.user_id, p.user_id) AS emergency_contact,
    laurel_internal.personal_text(p.emergency_phone_sealed, 'laurel.profiles', 'emergency_phone', p.organization_id, p.user_id, p.user_id) AS emergency_phone,
    p.skills, p.privacy_settings,
    p.preferences, p.metadata, p.created_at AS created_date, p.updated_at AS updated_date
FROM ONLY laurel.profiles p;

CREATE VIEW laurel.preferences WITH (security_invoker = true) AS
SELECT p.user_id, p.organization_id, p.theme, p.language, p.time_zone, p.notification_preferences AS notifications,
    p.widgets, p.dashboard, p.created_at, p.updated_at
FROM ONLY laurel.user_preferences p;

SELECT laurel_internal.protect('laurel.people', 'view'),
       laurel_internal.protect('laurel.user_profiles', 'view', commands => '{"authenticated": "SELECT, INSERT, UPDATE", "service_role": "ALL"}'),
       laurel_internal.protect('laurel.preferences', 'view', commands => '{"authenticated": "SELECT, INSERT, UPDATE", "service_role": "ALL"}');

SELECT laurel_internal.member('laurel.audit_log'),
       laurel_internal.member('laurel.processing_log'),
       laurel_internal.member('laurel.user_organizations'),
       laurel_internal.member('laurel.user_roles'),
       laurel_internal.member('laurel.profiles'),
       laurel_internal.member('laurel.user_preferences'),
       laurel_internal.member('laurel.user_profiles'),
       laurel_internal.member('laurel.preferences');

COMMENT ON CONSTRAINT users_manager_id_fkey ON laurel.users IS 'A manager is at home in the same organization.';
COMMENT ON CONSTRAINT user_organizations_user_id_fkey ON laurel.user_organizations IS 'The only way from personal rows to their user: they hang from the membership, the membership from the user.';

SELECT laurel_internal.explain('laurel.organizations', 'Tenants. Everything else belongs to one of them.', '{
    "name": "What people call it; 1 to 255 characters.",
    "slug": "Its name in addresses: lower-case words of a to z and digits joined by hyphens.",
    "domain": "The e-mail or web domain it owns, as DNS has it (xn-- for other scripts), unique everywhere. Written by service_role.",
    "industry": "Line of business.",
    "size_category": "Size, in the words of the application.",
    "logo_url": "Where the logo is.",
    "admin_id": "The person to ask; grants nothing: user_roles does.",
    "settings": "Application settings, an object of at most 64 kB and 32 levels.",
    "time_zone": "Decides where its days, weeks and months begin; an IANA name such as Europe/Zurich.",
    "tier_basis": "Which points decide a tier: total (the balance), lifetime (all that was ever earned) or rolling (what was earned in a window).",
    "tier_window_days": "How long the window of the basis rolling is: the last so many days, today among them, by time_zone. 1 to 3660; null where it is counted in months, or there is none.",
    "tier_window_months": "The same in months, 1 to 120: what was earned on a day counts until the same day so many months later.",
    "tier_grace_days": "How many days more, after the day on which its points are lost, a member keeps a tier; 0: none. At most 366.",
    "activity_tolerance": "How far back clients may record activity, for devices that were offline: at most 7 days. The back end is not bound.",
    "invitation_lifetime": "How long an invitation can be answered where none says: an hour to 30 days.",
    "daily_invitations": "How many people it may invite in a day. Written by service_role.",
    "webhook_endpoints_limit": "How many webhook endpoints it may have; those above a limit that was lowered stay. Written by service_role.",
    "webhook_concurrency_limit": "How many messages may be under way to one of its endpoints at once, whatever the endpoint says; holds from the next claim. Written by service_role.",
    "webhook_timeout_limit_ms": "How long one of its endpoints may take to answer, whatever the endpoint says; holds from the next claim. Written by service_role.",
    "webhooks_under_way_limit": "How many messages may be under way to all its endpoints at once, to within what workers claim at the same moment; 0 for none. Written by service_role.",
    "is_default": "True for the one that takes users who name none.",
    "is_active": "False: its members see and write nothing and cannot sign in unless they belong elsewhere, and nothing is sent, all at once; what waits to be sent goes out when it is true again, within a week. Written by service_role."}');
SELECT laurel_internal.explain('laurel.users', 'People who sign in. A new row brings its membership, profile and preferences with it, in the same statement. Deleting it deletes all that is personal.', '{
    "organization_id": "Home organization; the default one where none is given. Changed when that membership ends and there is another.",
    "email": "Sign-in address in the form of laurel.mail_address(), unique everywhere, so that all ways to write it are one. Changed by laurel.change_email() and service_role.",
    "password_hash": "bcrypt; null for those who sign in elsewhere. Written by laurel.set_password.",
    "full_name": "Made of first_name and last_name where it is not given.",
    "first_name": "Given name.",
    "last_name": "Family name.",
    "avatar_url": "Where the picture is.",
    "job_title": "Job title.",
    "department": "Department.",
    "manager_id": "Manager, of the same home organization; sees this user''s rows with the role manager.",
    "permissions": "What the user may do beyond what the roles say, as noun:verb; for applications to ask, written by service_role.",
    "is_active": "False: cannot sign in and has no rights. Of who belongs to several organizations it is written by the person and service_role.",
    "email_verified": "True when the address was proven; a changed address is unproven again.",
    "email_changed_at": "When the address was last changed: e-mails that were waiting then are not sent to the new one.",
    "last_login_at": "Last sign-in, by laurel.record_login."}');
SELECT laurel_internal.explain('laurel.user_organizations', 'Membership: who belongs to which organization, and the parent of every personal row there. It begins with an account at home, or with an accepted invitation (laurel.invite_member()), and ends by a DELETE of the member or an administrator. Where it was the home, the account moves to the organization, an active one where there is one, that the user has belonged to for longest.', '{
    "joined_at": "Since when.",
    "display_name": "The name to show in this organization; at home the profile''s or full name where it is null, elsewhere none.",
    "avatar_url": "The picture to show in this organization, likewise.",
    "leaderboard_privacy": "public, anonymous or hidden in this organization; the stricter of this and of user_preferences holds."}');
SELECT laurel_internal.explain('laurel.roles', 'What a member may be. Visibility follows the name; permissions are for applications to ask.', '{
    "name": "learner, trainer, manager, org_admin or platform_admin.",
    "description": "What it means.",
    "permissions": "What its holder may do, as noun:verb."}');
SELECT laurel_internal.explain('laurel.user_roles', 'Who holds which role in which organization. Every member is a learner without a row.', '{
    "organization_id": "The organization the row belongs to; filled in from the user''s home, never changed.",
    "user_id": "Whose row it is.",
    "role": "A role; student and user are stored as learner, admin as org_admin, super_admin as platform_admin.",
    "granted_at": "Since when.",
    "granted_by": "By whom; null for the back end."}');
SELECT laurel_internal.explain('laurel.profiles', 'One row per user: what people say about themselves.', '{
    "user_id": "Whose row it is.",
    "organization_id": "The organization the row belongs to; filled in from the user''s home, never changed.",
    "display_name": "The name to show; users.full_name where null.",
    "bio": "At most 500 characters.",
    "avatar_url": "Where the picture is.",
    "avatar_thumbnail_url": "Where the small picture is.",
    "phone": "Telephone number. Written here and kept encrypted: null for who reads it, user_profiles shows it.",
    "address": "Street and number. Written here and kept encrypted: null for who reads it, user_profiles shows it.",
    "city": "City.",
    "state": "State or province.",
    "country": "Country.",
    "postal_code": "Postal code.",
    "date_of_birth": "Date of birth. Written here and kept encrypted: null for who reads it, user_profiles shows it.",
    "emergency_contact": "Whom to call in an emergency. Written here and kept encrypted: null for who reads it, user_profiles shows it.",
    "emergency_phone": "Where to call in an emergency. Written here and kept encrypted: null for who reads it, user_profiles shows it.",
    "skills": "What the user says to be good at, as an array or object.",
    "privacy_settings": "What of the profile may be shown, as an object.",
    "preferences": "Settings an application keeps with the profile, as an object.",
    "metadata": "Anything else, as an object."}');
SELECT laurel_internal.explain('laurel.user_preferences', 'One row per user: how the product behaves for them.', '{
    "user_id": "Whose row it is.",
    "organization_id": "The organization the row belongs to; filled in from the user''s home, never changed.",
    "leaderboard_privacy": "public, anonymous (ranked without a name) or hidden, in every organization; user_organizations has one for each, and the stricter holds.",
    "predictive_analytics_enabled": "Which predictions may be made: dropOffRisk, forecasting, recommendations.",
    "notification_preferences": "Which notifications go where, as an object.",
    "theme": "light, dark or auto.",
    "language": "Language tag (BCP 47) such as en, pt-BR or zh-Hant-TW, kept in its usual case.",
    "time_zone": "Decides the user''s days; an IANA name such as Europe/Zurich; the organization''s where null.",
    "widgets": "Widgets enabled, disabled and customized, as an object.",
    "dashboard": "Layout, default view and favourites, as an object."}');
SELECT laurel_internal.explain('laurel_internal.access_changes', 'Nothing is stored here; the invalidation of its relation cache tells every session that memberships or roles changed.', '{
    "nothing": "Never filled."}');
SELECT laurel_internal.explain('laurel_internal.following_changes', 'Nothing is stored here; the invalidation of its relation cache tells every session that trainers'' learners or managers'' reports changed.', '{
    "nothing": "Never filled."}');
SELECT laurel_internal.explain('laurel.people', 'users without passwords and permissions: whom a row is about. laurel.member(row) finds one for every personal row.');
SELECT laurel_internal.explain('laurel.user_profiles', 'profiles, with the user''s e-mail address, what is kept encrypted, and the column names created_date and updated_date.', '{
    "phone": "Telephone number, for the user, who has called laurel.reading_for() of those who administer, and the back end; as all that follows, written in profiles.",
    "address": "Street and number, likewise.",
    "date_of_birth": "Date of birth, likewise.",
    "emergency_contact": "Whom to call in an emergency, likewise.",
    "emergency_phone": "Where to call in an emergency, likewise.",
    "user_email": "The user''s e-mail address; read only.",
    "created_date": "When the row was made.",
    "updated_date": "When the row was last written."}');
SELECT laurel_internal.explain('laurel.preferences', 'user_preferences, with notification_preferences named notifications.', '{
    "notifications": "Which notifications go where, as an object."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.organizations', '{slug, admin_id, time_zone, tier_basis, tier_window_days, tier_window_months, tier_grace_days, activity_tolerance, invitation_lifetime, daily_invitations, webhook_endpoints_limit, webhook_concurrency_limit, webhook_timeout_limit_ms, webhooks_under_way_limit, is_default, is_active}', '{name, domain, settings}'),
       laurel_internal.audited('laurel.users', '{organization_id, manager_id, permissions, is_active, email_verified}', '{email, password_hash, full_name, first_name, last_name}'),
       laurel_internal.audited('laurel.user_organizations', '{organization_id, user_id}', commands => 'INSERT, DELETE'),
       laurel_internal.audited('laurel.user_roles', '{user_id, role, granted_by}');

-- Personal data.
SELECT laurel_internal.personal('laurel.users', '{email, full_name, first_name, last_name, avatar_url, job_title, department}', encrypted => false),
       laurel_internal.personal('laurel.user_organizations', '{display_name, avatar_url}', encrypted => false),
       laurel_internal.personal('laurel.profiles', '{display_name, bio, avatar_url, avatar_thumbnail_url, city, state, country, postal_code, skills, metadata}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.audit_log), laurel.member(laurel.processing_log), laurel.member(laurel.user_organizations), laurel.member(laurel.user_roles),
    laurel.member(laurel.profiles), laurel.member(laurel.user_preferences), laurel.member(laurel.user_profiles),
    laurel.member(laurel.preferences);
DROP VIEW laurel.preferences, laurel.user_profiles, laurel.people;
ALTER TABLE laurel.organizations DROP CONSTRAINT organizations_admin_id_fkey;
DROP TABLE laurel.user_preferences, laurel.profiles, laurel.user_roles, laurel.roles, laurel.user_organizations,
    laurel.users, laurel.organizations;
DROP TABLE laurel_internal.following_changes, laurel_internal.access_changes;
