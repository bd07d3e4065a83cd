-- Up Migration
-- Documents: what the application has stored, and with whom it is shared. The files themselves lie elsewhere.

CREATE TABLE laurel.documents (
    id uuid CONSTRAINT documents_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT documents_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    uploaded_by uuid DEFAULT laurel.uid(),
    beneficiary_id uuid,
    user_id uuid,
    filename text NOT NULL CONSTRAINT documents_filename_check CHECK (char_length(filename) BETWEEN 1 AND 255),
    file_path text CONSTRAINT documents_file_path_check CHECK (char_length(file_path) BETWEEN 1 AND 500),
    file_size bigint CONSTRAINT documents_file_size_check CHECK (file_size >= 0),
    sha256 bytea CONSTRAINT documents_sha256_check CHECK (octet_length(sha256) = 32),
    mime_type text CONSTRAINT documents_mime_type_check CHECK (char_length(mime_type) BETWEEN 1 AND 100),
    category text CONSTRAINT documents_category_check CHECK (char_length(category) BETWEEN 1 AND 50),
    description text CONSTRAINT documents_description_check CHECK (char_length(description) <= 20000),
    tags jsonb NOT NULL DEFAULT '[]' CONSTRAINT documents_tags_check CHECK (laurel_internal.check_json(tags, 'documents', 'tags', true)),
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT documents_metadata_check CHECK (laurel_internal.check_json(metadata, 'documents', 'metadata')),
    is_public boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT documents_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT documents_user_id_check CHECK ((user_id IS NULL) = (beneficiary_id IS NULL)),
    CONSTRAINT documents_uploaded_by_fkey FOREIGN KEY (organization_id, uploaded_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (uploaded_by),
    CONSTRAINT documents_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT documents_beneficiary_id_fkey FOREIGN KEY (organization_id, beneficiary_id)
        REFERENCES laurel.beneficiaries (organization_id, id) ON DELETE CASCADE
);
-- What one has uploaded; about a beneficiary, and about a member; by category, newest first.
CREATE INDEX documents_uploaded_by_idx ON laurel.documents (uploaded_by, organization_id, created_at DESC);
CREATE INDEX documents_beneficiary_id_idx ON laurel.documents (organization_id, beneficiary_id) WHERE beneficiary_id IS NOT NULL;
CREATE INDEX documents_user_id_idx ON laurel.documents (user_id, organization_id);
CREATE INDEX documents_category_idx ON laurel.documents (organization_id, category, created_at DESC);

CREATE TABLE laurel.document_shares (
    id uuid CONSTRAINT document_shares_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    document_id uuid NOT NULL,
    shared_with uuid NOT NULL,
    shared_by uuid DEFAULT laurel.uid(),
    permission text NOT NULL DEFAULT 'view' CONSTRAINT document_shares_permission_check CHECK (permission IN ('view', 'edit')),
    expires_at timestamptz CONSTRAINT document_shares_expires_at_check CHECK (isfinite(expires_at)),
    reshared_from uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_shares_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT document_shares_shared_with_key UNIQUE (organization_id, document_id, shared_with),
    CONSTRAINT document_shares_shared_with_check CHECK (shared_with <> shared_by),
    CONSTRAINT document_shares_document_id_fkey FOREIGN KEY (organization_id, document_id)
        REFERENCES laurel.documents (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT document_shares_shared_with_fkey FOREIGN KEY (organization_id, shared_with)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT document_shares_shared_by_fkey FOREIGN KEY (organization_id, shared_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT document_shares_reshared_from_fkey FOREIGN KEY (organization_id, reshared_from)
        REFERENCES laurel.document_shares (organization_id, id) ON DELETE CASCADE
);
-- What is shared with a member; what a member shares; what comes from a share.
CREATE INDEX document_shares_shared_with_idx ON laurel.document_shares (shared_with, organization_id);
CREATE INDEX document_shares_shared_by_idx ON laurel.document_shares (shared_by, organization_id);
CREATE INDEX document_shares_reshared_from_idx ON laurel.document_shares (organization_id, reshared_from) WHERE reshared_from IS NOT NULL;

SELECT laurel_internal.belongs('laurel.documents', 'beneficiary_id', 'laurel.beneficiaries', copies => '{user_id}'),
       laurel_internal.belongs('laurel.document_shares', 'document_id', 'laurel.documents'),
       laurel_internal.add_tenant_triggers('laurel.documents'), laurel_internal.add_tenant_triggers('laurel.document_shares'),
       laurel_internal.keep('laurel.documents', 'uploaded_by', 'created_at'),
       laurel_internal.keep('laurel.document_shares', 'document_id', 'shared_with', 'shared_by', 'reshared_from', 'created_at'),
       laurel_internal.versioned('laurel.documents');

CREATE TRIGGER check_publication AFTER UPDATE ON laurel.documents FOR EACH ROW
    WHEN (OLD.is_public IS DISTINCT FROM NEW.is_public) EXECUTE FUNCTION laurel_internal.check_publication();
CREATE TRIGGER c_check_share BEFORE INSERT ON laurel.document_shares FOR EACH ROW EXECUTE FUNCTION laurel_internal.check_share();
CREATE TRIGGER c_check_widened_share BEFORE UPDATE ON laurel.document_shares FOR EACH ROW
    WHEN (NEW.permission = 'edit' AND OLD.permission <> 'edit' OR NEW.expires_at > OLD.expires_at OR NEW.expires_at IS NULL AND OLD.expires_at IS NOT NULL) EXECUTE FUNCTION laurel_internal.check_share();
CREATE TRIGGER narrow_shares AFTER UPDATE ON laurel.document_shares FOR EACH ROW
    WHEN (OLD.permission IS DISTINCT FROM NEW.permission OR OLD.expires_at IS DISTINCT FROM NEW.expires_at) EXECUTE FUNCTION laurel_internal.narrow_shares();

-- The reasons of laurel.who_can_see(), each a condition.
SELECT laurel_internal.protect('laurel.documents', 'administrative',
           commands => '{"administrators": "ALL", "owner": "SELECT, INSERT, UPDATE, DELETE", "beneficiary": "SELECT", "public": "SELECT", "viewers": "SELECT", "editors": "UPDATE"}',
           others => $${"owner": "uploaded_by = laurel_internal.me()", "beneficiary": "user_id = laurel_internal.me() OR laurel_internal.trains(user_id)", "public": "is_public",
               "viewers": "laurel_internal.shares_document(id, 'view')", "editors": "laurel_internal.shares_document(id, 'edit')"}$$,
           writes => '{"INSERT": "organization_id, uploaded_by, beneficiary_id, filename, file_path, file_size, sha256, mime_type, category, description, tags, metadata, is_public", "UPDATE": "filename, file_path, file_size, sha256, mime_type, category, description, tags, metadata, is_public, version"}'),
       laurel_internal.protect('laurel.document_shares', 'pair', user_column => 'shared_by', other_column => 'shared_with',
           commands => '{"self": "INSERT, UPDATE, DELETE", "administrators": "DELETE"}', writes => '{"INSERT": "organization_id, document_id, shared_with, shared_by, permission, expires_at", "UPDATE": "permission, expires_at"}'),
       laurel_internal.member('laurel.documents', 'uploaded_by');

SELECT laurel_internal.explain('laurel.documents', 'What the application has stored for people to read. The file lies where file_path says; a share, a link or the row itself says who may have it.', '{
    "organization_id": "That of the beneficiary, else the active one; never changed.",
    "uploaded_by": "Who owns it: the caller. Null once that member has left; never changed.",
    "beneficiary_id": "Whom it is about; that member and the trainer read it.",
    "user_id": "The member of that beneficiary, filled in.",
    "filename": "As it was called where it came from, 1 to 255 characters.",
    "file_path": "Where it lies: a path or an object''s key, at most 500 characters.",
    "file_size": "In bytes.",
    "sha256": "SHA-256 of what is in it, 32 bytes.",
    "mime_type": "Such as application/pdf.",
    "category": "At most 50 characters.",
    "description": "At most 20000 characters.",
    "tags": "A list, or open data, of at most 64 kB.",
    "metadata": "Open data, an object of at most 64 kB.",
    "is_public": "Whether every member of the organization reads it.",
    "version": "Grows with each change; an update that names another one than there is is refused (PT409)."}'),
       laurel_internal.explain('laurel.document_shares', 'With whom a document is shared. A share is worth something until it expires or is deleted, and what comes of it goes with it.', '{
    "organization_id": "That of the document, filled in; never changed.",
    "document_id": "What is shared.",
    "shared_with": "Who may read it.",
    "shared_by": "Who shares: the owner, an administrator, or somebody with whom it is shared; null: the back end.",
    "permission": "view or edit; no more than who shares has by a share.",
    "expires_at": "From when on it is worth nothing; no later than the own share. Null: never.",
    "reshared_from": "The share of who shares, where that is the reason; it takes this one along. Filled in."}');

SELECT laurel_internal.person('laurel.documents', 'uploaded_by', '', 'null', 'move', harmless => '{mime_type, category, sha256}'),
       laurel_internal.person('laurel.documents', 'user_id', 'laurel.documents about', 'delete', 'move');
SELECT laurel_internal.person('laurel.documents', c, NULL, 'redact', 'keep') FROM unnest('{filename, description, metadata, tags, file_path}'::name[]) c;
SELECT laurel_internal.person('laurel.document_shares', 'shared_with', 'laurel.document_shares received', 'delete', 'best', harmless => '{permission}', better => '(permission = ''edit'') DESC, expires_at DESC NULLS FIRST'),
       laurel_internal.person('laurel.document_shares', 'shared_by', 'laurel.document_shares given', 'delete', 'move');

SELECT laurel_internal.audited('laurel.documents', '{uploaded_by, user_id, is_public}', '{filename, file_path}'),
       laurel_internal.audited('laurel.document_shares', '{document_id, shared_with, shared_by, permission, expires_at}');

-- Down Migration
DROP FUNCTION laurel.member(laurel.documents);
DROP TABLE laurel.document_shares, laurel.documents;
