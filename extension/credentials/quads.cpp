// A document of Laurel's is a tree of few words, so that its RDF is written down without a processor of
// JSON-LD, and its nodes without a name are told apart by what is said of them alone: RDFC-1.0, sections 4.6
// and 4.4.3, steps 4 and 5. No document has two that are alike.

#include "credentials/quads.h"

#include "postgres/growing.h"
#include "postgres/hash.h"

namespace laurel::credentials {

namespace {

constexpr const char *kType = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";

enum class Value { Node, Text, Typed };

// A word, its IRI, and the datatype of its values.
struct Word {
    std::string_view name, iri;
    Value value;
    std::string_view datatype = {};
};

#define CREDENTIALS "https://www.w3.org/2018/credentials#"
#define STATUS "https://www.w3.org/ns/credentials/status#"
#define SECURITY "https://w3id.org/security#"
#define BADGES "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
#define SCHEMA "https://schema.org/"
#define XSD "http://www.w3.org/2001/XMLSchema#"
#define BADGES_XSD "https://www.w3.org/2001/XMLSchema#" // as the context of Open Badges has it

constexpr Word kWords[] = {
    {"achievement", BADGES "achievement", Value::Node},
    {"created", "http://purl.org/dc/terms/created", Value::Typed, XSD "dateTime"},
    {"credentialStatus", CREDENTIALS "credentialStatus", Value::Node},
    {"credentialSubject", CREDENTIALS "credentialSubject", Value::Node},
    {"criteria", BADGES "Criteria", Value::Node},
    {"cryptosuite", SECURITY "cryptosuite", Value::Typed, SECURITY "cryptosuiteString"},
    {"description", SCHEMA "description", Value::Text},
    {"email", SCHEMA "email", Value::Text},
    {"encodedList", STATUS "encodedList", Value::Typed, SECURITY "multibase"},
    {"evidence", CREDENTIALS "evidence", Value::Node},
    {"hashed", BADGES "hashed", Value::Typed, BADGES_XSD "boolean"},
    {"identifier", BADGES "identifier", Value::Node},
    {"identityHash", BADGES "identityHash", Value::Text},
    {"identityType", BADGES "identityType", Value::Text},
    {"image", BADGES "image", Value::Node},
    {"issuer", CREDENTIALS "issuer", Value::Node},
    {"name", SCHEMA "name", Value::Text},
    {"narrative", BADGES "narrative", Value::Text},
    {"proofPurpose", SECURITY "proofPurpose", Value::Node},
    {"salt", BADGES "salt", Value::Text},
    {"statusListCredential", STATUS "statusListCredential", Value::Node},
    {"statusListIndex", STATUS "statusListIndex", Value::Text},
    {"statusPurpose", STATUS "statusPurpose", Value::Text},
    {"ttl", STATUS "ttl", Value::Typed, XSD "integer"},
    {"url", SCHEMA "url", Value::Typed, BADGES_XSD "anyURI"},
    {"validFrom", CREDENTIALS "validFrom", Value::Typed, XSD "dateTime"},
    {"validUntil", CREDENTIALS "validUntil", Value::Typed, XSD "dateTime"},
    {"verificationMethod", SECURITY "verificationMethod", Value::Node},
};

// Values that stand for an IRI.
constexpr Word kNames[] = {
    {"Achievement", BADGES "Achievement", Value::Node},
    {"AchievementSubject", BADGES "AchievementSubject", Value::Node},
    {"BitstringStatusList", STATUS "BitstringStatusList", Value::Node},
    {"BitstringStatusListCredential", STATUS "BitstringStatusListCredential", Value::Node},
    {"BitstringStatusListEntry", STATUS "BitstringStatusListEntry", Value::Node},
    {"DataIntegrityProof", SECURITY "DataIntegrityProof", Value::Node},
    {"Evidence", BADGES "Evidence", Value::Node},
    {"IdentityObject", BADGES "IdentityObject", Value::Node},
    {"Image", BADGES "Image", Value::Node},
    {"OpenBadgeCredential", BADGES "OpenBadgeCredential", Value::Node},
    {"Profile", BADGES "Profile", Value::Node},
    {"VerifiableCredential", CREDENTIALS "VerifiableCredential", Value::Node},
    {"assertionMethod", SECURITY "assertionMethod", Value::Node},
};

#undef CREDENTIALS
#undef STATUS
#undef SECURITY
#undef BADGES
#undef SCHEMA
#undef XSD
#undef BADGES_XSD

template <size_t N>
const Word *
FindWord(const Word (&words)[N], std::string_view name) {
    const Word *found = std::find_if(words, words + N, [name](const Word &w) { return w.name == name; });
    return found == words + N ? nullptr : found;
}

// A statement; terms as they stand in N-Quads, nodes without a name as _: and a letter.
struct Quad {
    const char *subject, *predicate, *object;
};

const char *
Iri(std::string_view iri) {
    return psprintf("<%.*s>", static_cast<int>(iri.size()), iri.data());
}

const char *
Literal(std::string_view text, std::string_view datatype) {
    StringInfoData out;
    initStringInfo(&out);
    appendStringInfoChar(&out, '"');
    for (const char c : text) {
        if (c == '\n')
            appendStringInfoString(&out, "\\n");
        else if (c == '"' || c == '\\')
            appendStringInfo(&out, "\\%c", c);
        else
            appendStringInfoChar(&out, c);
    }
    appendStringInfoChar(&out, '"');
    if (!datatype.empty())
        appendStringInfo(&out, "^^<%.*s>", static_cast<int>(datatype.size()), datatype.data());
    return out.data;
}

std::string_view
StringOf(const JsonbValue &value) {
    return {value.val.string.val, static_cast<size_t>(value.val.string.len)};
}

// A value that is no object, as text.
std::string_view
ScalarOf(const JsonbValue &value) {
    switch (value.type) {
    case jbvString:
        return StringOf(value);
    case jbvBool:
        return value.val.boolean ? "true" : "false";
    case jbvNumeric:
        return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    default:
        elog(ERROR, "a credential has no value of type %d", static_cast<int>(value.type));
    }
}

// Calls take(value) for a value, or for each of an array.
template <typename Take>
void
EachValue(const JsonbValue &value, Take take) {
    if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data)) {
        take(value);
        return;
    }
    JsonbIterator *iterator = JsonbIteratorInit(value.val.binary.data);
    JsonbValue element;
    for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE;)
        if (token == WJB_ELEM)
            take(element);
}

// The statements of a document.
class QuadsWriter {
public:
    // Writes what an object says and returns its name.
    const char *AddObject(JsonbContainer *object) {
        check_stack_depth();
        const char *subject = NameOf(object);
        JsonbIterator *iterator = JsonbIteratorInit(object);
        JsonbValue key, value;
        for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE;) {
            if (token != WJB_KEY)
                continue;
            JsonbIteratorNext(&iterator, &value, true);
            const std::string_view word = StringOf(key);
            if (word != "@context" && word != "id")
                EachValue(value, [&](const JsonbValue &one) { AddValue(subject, word, one); });
        }
        return subject;
    }

    Growing<Quad> &quads() { return quads_; }
    int blanks() const { return blanks_; }

private:
    const char *NameOf(JsonbContainer *object) {
        JsonbValue id;
        if (getKeyJsonValueFromContainer(object, "id", 2, &id) == nullptr)
            return psprintf("_:%d", blanks_++);
        return Iri(StringOf(id));
    }

    void AddValue(const char *subject, std::string_view name, const JsonbValue &value) {
        if (name == "type") {
            quads_.Add({subject, kType, ObjectOf({.name = name, .iri = {}, .value = Value::Node}, value)});
            return;
        }
        const Word *word = FindWord(kWords, name);
        if (word == nullptr)
            elog(ERROR, "a credential has no word %s", CString(name));
        const char *object = ObjectOf(*word, value);
        quads_.Add({subject, Iri(word->iri), object});
    }

    const char *ObjectOf(const Word &word, const JsonbValue &value) {
        if (value.type == jbvBinary)
            return AddObject(value.val.binary.data);
        const std::string_view text = ScalarOf(value);
        if (word.value != Value::Node)
            return Literal(text, word.datatype);
        const Word *name = FindWord(kNames, text);
        if (name == nullptr && word.name == "type")
            elog(ERROR, "a credential has no type %s", CString(text));
        return Iri(name != nullptr ? name->iri : text);
    }

    Growing<Quad> quads_;
    int blanks_ = 0;
};

bool
IsBlank(const char *term) {
    return term[0] == '_';
}

// Lines in the order of code points, one after the other, each once.
std::string_view
SortedLines(Growing<const char *> *lines) {
    std::sort(lines->begin(), lines->end(), [](const char *a, const char *b) { return strcmp(a, b) < 0; });
    const char **end = std::unique(lines->begin(), lines->end(),
                                   [](const char *a, const char *b) { return strcmp(a, b) == 0; });
    StringInfoData out;
    initStringInfo(&out);
    for (const char **line = lines->begin(); line != end; line++)
        appendStringInfoString(&out, *line);
    return {out.data, static_cast<size_t>(out.len)};
}

const char *
Line(const char *subject, const char *predicate, const char *object) {
    return psprintf("%s %s %s .\n", subject, predicate, object);
}

// What tells a node without a name from others: the hash of its statements, in which it is _:a and others
// _:z.
struct BlankNode {
    int number;
    kernel::Digest hash;
};

kernel::Digest
HashOf(int number, const Growing<Quad> &quads) {
    const char *self = psprintf("_:%d", number);
    const auto renamed = [self](const char *term) {
        return !IsBlank(term) ? term : strcmp(term, self) == 0 ? "_:a" : "_:z";
    };
    Growing<const char *> lines;
    for (const Quad &quad : quads)
        if (strcmp(quad.subject, self) == 0 || strcmp(quad.object, self) == 0)
            lines.Add(Line(renamed(quad.subject), quad.predicate, renamed(quad.object)));
    return Sha256Of({SortedLines(&lines)});
}

// By number, the canonical name of each node without one.
const char **
CanonicalNames(int blanks, const Growing<Quad> &quads) {
    auto *nodes = NewList<BlankNode>(blanks);
    for (int i = 0; i < blanks; i++)
        nodes[i] = {i, HashOf(i, quads)};
    const auto order = [](const BlankNode &a, const BlankNode &b) {
        return std::memcmp(&a.hash, &b.hash, sizeof(a.hash)) < 0;
    };
    std::sort(nodes, nodes + blanks, order);
    auto *names = NewList<const char *>(blanks);
    for (int i = 0; i < blanks; i++) {
        if (i > 0 && !order(nodes[i - 1], nodes[i]))
            elog(ERROR, "two nodes of a credential cannot be told apart");
        names[nodes[i].number] = psprintf("_:c14n%d", i);
    }
    return names;
}

} // namespace

std::string_view
CanonicalQuads(Jsonb *document) {
    QuadsWriter writer;
    writer.AddObject(&document->root);
    const char **names = CanonicalNames(writer.blanks(), writer.quads());
    const auto named = [names](const char *term) {
        return IsBlank(term) ? names[pg_strtoint32(term + 2)] : term;
    };
    Growing<const char *> lines;
    for (const Quad &quad : writer.quads())
        lines.Add(Line(named(quad.subject), quad.predicate, named(quad.object)));
    return SortedLines(&lines);
}

} // namespace laurel::credentials
