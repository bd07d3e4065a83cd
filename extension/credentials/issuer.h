// Who issues the credentials of an organization.
#pragma once

#include "credentials/proof.h"
#include "postgres/spi.h"

namespace laurel::credentials {

enum class Recipient { Email, Did, Urn };

// A row of credential_issuers; texts are palloc'd, empty where there is none.
struct Issuer {
    Uuid organization;
    const char *id, *base_url, *color;
    std::string_view name, description, url, contact, image;
    Recipient recipient;
};

// Reads it, or error 23503. In an SPI connection of the tables' owner, as all here.
Issuer ReadIssuer(const Uuid &organization, Access access);

// What signs for it now: error F0000 where there is no key, PT409 where it was given up. To write, it is
// held: who gives it up waits.
Signer SignerOf(const Issuer &issuer, Access access);

// What it is in a credential.
Jsonb *ProfileOf(const Issuer &issuer);

// The address of one of its status lists.
const char *StatusListAddress(const Issuer &issuer, int32 list_no);

// What people and programs may be told of: characters that RDF writes in one way only, palloc'd.
std::string_view PlainText(std::string_view text);

// Whether a text can stand for an IRI as it is.
bool IsPlainIri(std::string_view text);

} // namespace laurel::credentials
