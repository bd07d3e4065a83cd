// Where what is done comes from, in the client's own words, which are kept for long: nothing personal in
// them.
#pragma once

namespace laurel::access {

// The header x-request-id of the request, palloc'd; null where there is none, or it does not look like the id
// of a request (kernel::IsRequestId).
const char *RequestId();

// What the session calls itself, palloc'd, without what must not be printed (kernel::Redact); null where it
// does not say. Postgres keeps 63 bytes of it, in ASCII.
const char *ApplicationName();

} // namespace laurel::access
