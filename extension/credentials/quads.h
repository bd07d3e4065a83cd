// What a credential says, as RDF in the one form that is signed.
#pragma once

#include "postgres/datum.h"

namespace laurel::credentials {

// The canonical N-Quads (RDFC-1.0) of a document that Laurel has made: of the words that credentials, status
// lists and their proofs are written in, each of which has one meaning. A word that is not among them is an
// error, so that nothing of a document goes unsigned. Palloc'd.
std::string_view CanonicalQuads(Jsonb *document);

} // namespace laurel::credentials
