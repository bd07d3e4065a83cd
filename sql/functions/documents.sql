-- Documents: who reads one by a share, and who can see it at all.

CREATE FUNCTION laurel_internal.shares_document(document_id uuid, permission text) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'laurel_shares_document';
COMMENT ON FUNCTION laurel_internal.shares_document(uuid, text) IS
'True where the document is shared with the caller in the active organization, at this moment, to view or, where permission is edit, to edit. For policies.';

CREATE FUNCTION laurel_internal.check_share() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_share';
COMMENT ON FUNCTION laurel_internal.check_share() IS
'BEFORE INSERT or UPDATE row trigger of document_shares: who shares owns the document, administers or has a share, and shares no more and no longer than that (42501).';

CREATE FUNCTION laurel_internal.narrow_shares() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_narrow_shares';
COMMENT ON FUNCTION laurel_internal.narrow_shares() IS
'AFTER UPDATE row trigger of document_shares: shares that come from this one shrink with it.';

CREATE FUNCTION laurel_internal.check_publication() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_publication';
COMMENT ON FUNCTION laurel_internal.check_publication() IS
'AFTER UPDATE row trigger of documents whose is_public is another: its owner and administrators change that (42501), nobody with whom it is shared.';

CREATE FUNCTION laurel.who_can_see(document_id uuid)
RETURNS TABLE (user_id uuid, reason text, permission text, shared_by uuid, until timestamptz)
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 20 COST 500 AS 'MODULE_PATHNAME', 'laurel_who_can_see';
COMMENT ON FUNCTION laurel.who_can_see(uuid) IS
'Who can see a document at this moment, a row for each person and reason: owner, beneficiary, trainer (of an active beneficiary), administrator, share (by whom and until when), public (every member). permission is view or edit. For its owner, administrators and the back end. Errors: 42501 for others, 22023 no such document.';
